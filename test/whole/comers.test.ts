import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connection } from '../../cli/index.ts'
import type { Node } from '../../node/shell/index.ts'
import type { CoordinatorId, JobId } from '../../specs/index.ts'
import { ThreeHere, valued } from './three-here.ts'

/** A node asks again after a second, and an answer takes a moment on a busy machine. */
const idleMsMax = 5000
const within = (ms: number) => AbortSignal.timeout(ms)

let three: ThreeHere
let publisher: Connection
const nodes: Node[] = []

beforeAll(async () => {
  three = await ThreeHere.open()
  publisher = await three.publisher()
  for (const name of ['ann', 'bob', 'cid']) nodes.push(await three.node(name))
})

afterAll(async () => {
  await three[Symbol.asyncDispose]()
})

/** Publishes so many units to one of the three, or to any. */
function publish(units: number, to?: CoordinatorId): Promise<JobId> {
  return three.publish(publisher, units, to)
}

/** Waits until a job has ended; gives each different thing that was said of it on the way. */
async function ended(job: JobId): Promise<number[]> {
  const seen: number[] = []
  for await (const at of publisher.follow(job, within(90_000))) seen.push(valued(at).accepted)
  return seen
}

/** Looks on until all jobs have ended: for how long a node stood still while there was work. */
async function starving(jobs: readonly JobId[]): Promise<number> {
  let longest = 0
  let isOver = false
  const over = Promise.all(jobs.map(ended)).then(() => {
    isOver = true
  })
  const since = new Map<Node, number>()
  while (!isOver) {
    const status = await Promise.all(three.coordinators.map(({ view }) => view.status()))
    const open = status.reduce((sum, one) => sum + valued(one).openUnits, 0)
    const now = performance.now()
    for (const node of nodes) {
      if (open === 0 || node.state.held.size > 0) since.delete(node)
      else since.set(node, since.get(node) ?? now)
      longest = Math.max(longest, now - (since.get(node) ?? now))
    }
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  await over
  return longest
}

describe('nodes and a publisher among three coordinators', () => {
  test('a job goes to the one that was named, and to any of them else', async () => {
    const homes = new Map(three.seats.map(({ id, coordinator }) => [id, coordinator?.chain]))
    for (const { id, coordinator } of three.seats) {
      const job = await publish(1, id)
      expect(coordinator?.homes[0]?.knows(job)).toBe(true)
    }
    const any = await publish(1)
    const home = [...homes.values()].filter((_, i) => three.coordinators[i]?.homes[0]?.knows(any))
    expect(home).toHaveLength(1)
    await ended(any)
  })

  test('no coordinator starves while another has idle nodes', async () => {
    const jobs: JobId[] = []
    for (const [i, { id }] of three.seats.entries()) {
      jobs.push(await publish([90, 30, 10][i] ?? 0, id))
    }
    const idleMs = await starving(jobs)
    process.stderr.write(`at most ${Math.round(idleMs)} ms idle while somebody had units\n`)
    expect(idleMs).toBeLessThan(idleMsMax)
  })

  test('a node that was invited by three hears who is left', async () => {
    const [, , seat] = three.seats
    if (seat === undefined) throw new Error('nobody coordinates')
    await three.close(seat)
    await three.expel(seat)
    const node = await three.node('dan')
    const keys = () => node.state.roster.members.map(({ coordinator }) => coordinator)
    while (keys().includes(seat.id)) await new Promise((resolve) => setTimeout(resolve, 50))
    const left = three.seats.filter((one) => one !== seat).map(({ id }) => id)
    expect(new Set(keys())).toEqual(new Set(left))
    expect([...node.state.contacts.keys()].some((key) => key.startsWith(seat.id))).toBe(false)
    const job = await publish(3, left[0])
    expect((await ended(job)).at(-1)).toBe(3)
  })
})
