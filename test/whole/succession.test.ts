import { type FileHandle, open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Connection, Progress } from '../../cli/index.ts'
import type { Node } from '../../node/shell/index.ts'
import { type Seat, ThreeHere, valued } from './three-here.ts'
import { allOf, type Wall, wallOf } from './walls.ts'

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
  // What was earned on the chain that goes on, and on another one, is on one wall everywhere.
  const [, other, third] = three.seats as [Seat, Seat, Seat]
  const more = await three.publish(publisher, 6, other.id)
  for await (const at of publisher.follow(more, within(60_000))) valued(at)
  const isAll = (wall: Wall) => {
    const done = wall.jobs.filter(({ accepted }) => accepted === 40 || accepted === 6)
    // Owners were asked for before the jobs: what was learnt in between is in one of the two.
    return done.length === 2 && allOf(wall) === done.reduce((sum, { micro }) => sum + micro, 0)
  }
  const walls = [await wallOf(other, isAll), await wallOf(third, isAll)]
  for (const wall of walls) {
    expect(wall.earned).toEqual(walls[0]?.earned)
    expect(wall.jobs.map(({ id }) => id)).toEqual([more, job])
    expect(wall.jobs.map((one) => one.chain)).toEqual([other.coordinator?.chain, chain])
    expect(allOf(wall)).toBe(wall.jobs.reduce((sum, { micro }) => sum + micro, 0))
    expect(wall.chains.find((one) => one.chain === chain)).toMatchObject({ epoch: 1 })
  }
  const roles = walls.map(({ chains }) => chains.find((one) => one.chain === chain)?.role)
  expect(roles.toSorted()).toEqual(['adopted', 'followed'])
  // The dead one comes back to a chain that others write, and is asked for nothing of it.
  await three.open(seat)
  expect(await publisher.far(job, within(30_000))).toMatchObject({ value: { accepted: 40 } })
  // It finds that out, and begins anew with a chain of its own, as its process would.
  expect(await seat.coordinator?.ended).toMatchObject({ code: 'ledger.sealed' })
  await three.close(seat)
  await three.open(seat)
  // What it shows is what the others show, though nothing of it was earned on its own chain.
  const back = await wallOf(seat, isAll)
  expect(back.earned).toEqual(walls[0]?.earned)
  expect(back.jobs.map(({ id }) => id)).toEqual([more, job])
})

/** The disk under a file fails from now on, until it is disposed. */
async function failing(path: string): Promise<Disposable> {
  const { ino } = await stat(path)
  await using file = await open(path)
  const handles: FileHandle = Object.getPrototypeOf(file)
  const { datasync } = handles
  const spy = vi.spyOn(handles, 'datasync').mockImplementation(async function (this: FileHandle) {
    if ((await this.stat()).ino === ino) throw Object.assign(new Error('EIO'), { code: 'EIO' })
    await datasync.call(this)
  })
  return { [Symbol.dispose]: () => spy.mockRestore() }
}

test('who cannot keep what it says to the others ends, and they go on without it', async () => {
  const [seat, other] = three.seats as [Seat, Seat]
  using _ = await failing(join(other.directory, 'memory', 'now', 'anchor'))
  const job = await three.publish(publisher, 6, seat.id)
  expect(await other.coordinator?.ended).toMatchObject({ code: 'ledger.stopped' })
  await three.close(other)
  for await (const at of publisher.follow(job, within(60_000))) valued(at)
  expect(await publisher.far(job, within(30_000))).toMatchObject({ value: { accepted: 6 } })
})
