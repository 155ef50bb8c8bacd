import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Connection, Progress } from '../../cli/index.ts'
import type { Node } from '../../node/shell/index.ts'
import { ThreeHere, valued } from './three-here.ts'

const within = (ms: number) => AbortSignal.timeout(ms)

let three: ThreeHere
let publisher: Connection
const nodes: Node[] = []

beforeAll(async () => {
  three = await ThreeHere.open()
  publisher = await three.publisher()
  for (const name of ['ann', 'bob']) nodes.push(await three.node(name))
})

afterAll(async () => {
  await three[Symbol.asyncDispose]()
})

test('who follows a job goes on at the successor of its home', async () => {
  const [seat] = three.seats
  const chain = seat?.coordinator?.chain
  if (seat === undefined || chain === undefined) throw new Error('nobody coordinates')
  const job = await three.publish(publisher, 40, seat.id)
  const seen: Progress[] = []
  let goneAt = Number.POSITIVE_INFINITY
  for await (const at of publisher.follow(job, within(140_000))) {
    seen.push(valued(at))
    if (goneAt < Number.POSITIVE_INFINITY) continue
    goneAt = performance.now()
    await three.close(seat)
  }
  const tookMs = Math.round(performance.now() - goneAt)
  process.stderr.write(`all verified ${tookMs} ms after its home was gone\n`)
  expect(seen.at(-1)).toMatchObject({ units: 40, accepted: 40 })
  const verified = valued(await publisher.verify(job, within(60_000)))
  expect(verified.settled).toHaveLength(40)
  expect(verified.read.checkpoint).toMatchObject({ chain, epoch: 1 })
  expect(verified.read.checkpoint.coordinator).not.toBe(seat.id)
  // Nodes gave all that they kept to the successor, and talk to it about that chain.
  for (const { state } of nodes) {
    while (state.keptOf.has(chain)) await new Promise((resolve) => setTimeout(resolve, 50))
  }
  // The dead one comes back to a chain that others write, and is asked for nothing of it.
  await three.open(seat)
  expect(await publisher.far(job, within(30_000))).toMatchObject({ value: { accepted: 40 } })
})
