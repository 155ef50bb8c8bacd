import type { JobId } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { kindBits } from '../match/needs.ts'
import { costOf } from './pace.ts'
import { type Policy, usualPolicy } from './policy.ts'
import { Queue } from './queue.ts'
import { ask, askedOf, first, jobBy, needsBy, nodeOf, wants } from './test/cast.ts'

const minute = 60_000
const node = nodeOf('eve')
const million = { units: 1_000_000 }
const dockerOnly = nodeOf('dora', {
  fits: ({ kinds }) => ((kinds & kindBits.docker) === 0 ? 'executor' : undefined),
})
const wasmOnly = nodeOf('willy', {
  fits: ({ kinds }) => ((kinds & kindBits.wasm) === 0 ? 'executor' : undefined),
})

function queueWith(policy: Partial<Policy> = {}): Queue {
  return new Queue({ ...usualPolicy, ...policy })
}

/** How many of the next units each job is given. */
function shares(queue: Queue, asker: typeof node, times: number, now = 0): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const unit of askedOf(queue, asker, times, now)) {
    const job = unit.replace(/\/.*/, '')
    counts[job] = (counts[job] ?? 0) + 1
  }
  return counts
}

describe('a publisher of ten units beside one of a million', () => {
  test('is done as soon as half of the nodes can do them', () => {
    const queue = queueWith()
    queue.admit(jobBy('ada', 'large', million), 0)
    askedOf(queue, node, 5000)
    queue.admit(jobBy('bob', 'small', { units: 10 }), 0)
    // Half of the units for each is 20 in all; twice its fair time would be 40.
    expect(shares(queue, node, 21)).toMatchObject({ small: 10 })
  })

  test('is done as soon though it needs two replicas and some of them twice', () => {
    const queue = queueWith()
    queue.admit(jobBy('ada', 'large', million), 0)
    for (let i = 0; i < 5000; i++) ask(queue, nodeOf(`owner ${i % 7}`), 0, 1)
    queue.admit(jobBy('bob', 'small', { units: 10 }), 0)
    const small = 'small' as JobId
    const isOpen = () => queue.open(small).fresh + queue.open(small).begun > 0
    let given = 0
    let asks = 0
    for (; isOpen() && asks < 1000; asks++) {
      const answer = queue.ask(nodeOf(`owner ${asks % 7}`), 0, first)
      if (answer.type !== 'unit' || answer.job !== small) continue
      // Every fifth of its leases ends without a result.
      const more = (answer.fresh ? 1 : 0) + (++given % 5 === 0 ? 1 : 0)
      if (more > 0) queue.need(answer.job, answer.unit, wants(more), [], 0)
    }
    expect(given).toBe(24)
    expect(asks).toBeLessThanOrEqual(2 * given + 10)
  })
})

describe('shares', () => {
  test('are as the weights that the operator gives, whatever a unit costs', () => {
    const weights: Record<string, number> = { ada: 1, bob: 2, cy: 5 }
    const queue = queueWith({ weightOf: (publisher) => weights[publisher] ?? 1 })
    const fuel: Record<string, number> = { ada: 1e9, bob: 3e9, cy: 7e9 }
    for (const [publisher, of] of Object.entries(fuel)) {
      queue.admit(jobBy(publisher, publisher, { ...million, needs: { fuel: of } }), 0)
    }
    const counts = shares(queue, node, 20_000)
    const burnt = (name: string) => (counts[name] as number) * (fuel[name] as number)
    const all = burnt('ada') + burnt('bob') + burnt('cy')
    for (const [name, weight] of Object.entries(weights)) {
      expect(Math.abs(burnt(name) / all / (weight / 8) - 1)).toBeLessThan(0.01)
    }
  })

  test('are counted for projects within their publisher', () => {
    const queue = queueWith({ weightOf: (_, project) => (project === 'ising' ? 3 : 1) })
    for (const project of ['ising', 'folding']) {
      queue.admit(jobBy('ada', project, { ...million, needs: { project } }), 0)
    }
    queue.admit(jobBy('bob', 'bob', million), 0)
    expect(shares(queue, node, 800)).toEqual({ ising: 300, folding: 100, bob: 400 })
  })

  test('are counted by what executions took, once that is known', () => {
    const queue = queueWith()
    for (const name of ['ada', 'bob']) queue.admit(jobBy(name, name, million), 0)
    let bob = 0
    for (let i = 0; i < 3000; i++) {
      const answer = queue.ask(node, 0, first)
      if (answer.type !== 'unit' || answer.job !== ('bob' as JobId)) continue
      bob++
      // The units of bob burn a half of what they may.
      queue.settle(answer.job, 500)
    }
    expect(bob).toBe(2000)
  })
})

describe('who comes in', () => {
  test('starts where the others are, however long it was away', () => {
    const queue = queueWith()
    queue.admit(jobBy('bob', 'early', { units: 1 }), 0)
    queue.admit(jobBy('ada', 'ada', million), 0)
    askedOf(queue, node, 1000)
    queue.admit(jobBy('bob', 'bob', million), 0)
    expect(shares(queue, node, 100)).toEqual({ bob: 51, ada: 49 })
  })

  test('wins nothing by leaving and coming again', () => {
    const queue = queueWith()
    queue.admit(jobBy('ada', 'ada', million), 0)
    let bob = 0
    for (let i = 0; i < 300; i++) {
      const id = `bob ${i}` as JobId
      queue.admit(jobBy('bob', id, { units: 1, needs: { fuel: 9e9 } }), i)
      const answer = queue.ask(node, i, first)
      if (answer.type === 'unit' && answer.job === id) bob++
      queue.end(id, i)
    }
    // Each of its units costs nine times as much.
    expect(bob).toBe(30)
  })

  test('is forgotten a window after its last job, and no sooner', () => {
    for (const [away, first] of [
      [minute - 1, 'ada'],
      [minute, 'bob'],
    ] as const) {
      const queue = queueWith({ windowMs: minute })
      queue.admit(jobBy('bob', 'one', { units: 1, needs: { fuel: 9e9 } }), 0)
      askedOf(queue, node, 1)
      queue.end('one' as JobId, 0)
      // It falls idle twice in one moment.
      queue.admit(jobBy('bob', 'two', { units: 1 }), 0)
      queue.end('two' as JobId, 0)
      queue.admit(jobBy('bob', 'bob'), away)
      queue.admit(jobBy('ada', 'ada'), away)
      expect(askedOf(queue, node, 1, away)).toEqual([`${first}/0`])
    }
  })
})

describe('who has no node that fits', () => {
  test('has a claim when one comes, but only of the last windows', () => {
    const queue = queueWith({ windowMs: minute })
    queue.admit(jobBy('bob', 'bob', { ...million, needs: { cores: 64 } }), 0)
    queue.admit(jobBy('ada', 'ada', million), 0)
    const small = nodeOf('eve', { fits: ({ cores }) => (cores > 4 ? 'cores' : undefined) })
    for (let at = 0; at < 10; at++) askedOf(queue, small, 100, at * minute)
    // Of ten minutes with 100 units each, it is owed this one and the one before.
    expect(shares(queue, node, 300, 9 * minute)).toEqual({ bob: 251, ada: 49 })
  })

  test('has first claim on the nodes that fit it alone, before who has others', () => {
    const queue = queueWith({ windowMs: minute })
    const docker = { kinds: kindBits.docker, unitMs: 1000, cores: 1 }
    queue.admit(jobBy('bob', 'bob', { ...million, needs: docker }), 0)
    queue.admit(jobBy('ada', 'ada', million), 0)
    queue.admit(jobBy('ada', 'images', { ...million, needs: docker }), 0)
    askedOf(queue, wasmOnly, 100)
    expect(shares(queue, dockerOnly, 200)).toEqual({ bob: 150, images: 50 })
  })

  test('does not hold up a newcomer who wants the same nodes', () => {
    const queue = queueWith()
    const docker = { kinds: kindBits.docker, unitMs: 1000, cores: 1 }
    queue.admit(jobBy('bob', 'bob', { ...million, needs: docker }), 0)
    queue.admit(jobBy('ada', 'ada', million), 0)
    askedOf(queue, wasmOnly, 10_000)
    askedOf(queue, dockerOnly, 10)
    queue.admit(jobBy('cy', 'cy', { ...million, needs: docker }), 0)
    expect(shares(queue, dockerOnly, 100)).toEqual({ bob: 50, cy: 50 })
  })
})

test('a slot costs the milliseconds of one core that it may take', () => {
  expect(costOf(needsBy('ada', { fuel: 5e9, cores: 8 }))).toBe(5000)
  expect(costOf(needsBy('ada', { fuel: 1 }))).toBe(1)
  expect(costOf(needsBy('ada', { kinds: kindBits.docker, unitMs: 3000, cores: 8 }))).toBe(24_000)
})
