import type { JobId } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { lendingOf } from '../match/lending.ts'
import { against } from '../match/match.ts'
import type { Trust } from '../match/needs.ts'
import { offerWith } from '../match/test/cast.ts'
import type { Wanted } from '../verdict/vote.ts'
import { usualPolicy } from './policy.ts'
import { Queue } from './queue.ts'
import type { Asker } from './search.ts'
import { ask, askedOf, chance, first, jobBy, nodeOf, wants } from './test/cast.ts'

const one = 'one' as JobId
const anchor: Wanted = { from: 'anchor', referee: false }
const referee: Wanted = { from: 'anchor', referee: true }
const own: Wanted = { from: 'own', referee: true }
const mac: Wanted = { from: 'any', platform: 'macos/arm64', referee: false }

/** A node that has shown so much, on Linux if nothing else is said. */
function shown(owner: string, trust: Trust, os = 'linux'): Asker {
  const gib = 2 ** 30
  const offer = offerWith({ ramBytes: gib, windowMs: 1e9, platform: { os, arch: 'arm64' } })
  const lending = lendingOf(offer, [], trust)
  return nodeOf(owner, { fits: (needs) => against(needs, lending) })
}

/** A queue with a job of some units, of which the first want something. */
function queueOf(units: number, ...wanted: readonly (readonly Wanted[])[]): Queue {
  const queue = new Queue(usualPolicy)
  queue.admit(jobBy('ada', 'one', { units }), 0)
  for (const [unit, some] of wanted.entries()) queue.need(one, unit, some, ['owner'], 0)
  return queue
}

describe('what a unit wants', () => {
  test('is given to those alone who suit it, and others are told why not', () => {
    const queue = queueOf(3, [anchor], [own], [mac])
    expect(ask(queue, shown('eve', 0))).toBe('platform trust')
    expect(ask(queue, shown('eve', 0, 'macos'))).toBe('one/2')
    expect(ask(queue, shown('eve', 0, 'macos'))).toBe('trust')
    expect(askedOf(queue, shown('bob', 1), 2)).toEqual(['one/0', 'trust'])
    expect(ask(queue, shown('cy', 2))).toBe('one/1')
  })

  test('is given to who is hardest to find first, whatever came first', () => {
    const queue = queueOf(4, wants(1), [anchor], [{ ...anchor, platform: 'linux/arm64' }], [own])
    const given = askedOf(queue, shown('cy', 2), 4)
    expect(given.slice(2)).toEqual(['one/1', 'one/0'])
    expect(given.slice(0, 2).sort()).toEqual(['one/2', 'one/3'])
  })

  test('is given to who is as hard to find as it came, also of a job at risk', () => {
    const queue = new Queue(usualPolicy)
    queue.admit(jobBy('ada', 'one', { units: 3, deadline: 1000 }), 0)
    // The list for anchors is there already, and empty, when that for a platform is made.
    const needs = [
      [0, [anchor]],
      [0, []],
      [1, [mac]],
      [2, [anchor]],
    ] as const
    for (const [unit, wanted] of needs) queue.need(one, unit, wanted, ['owner'], 900)
    expect(askedOf(queue, shown('cy', 2, 'macos'), 2, 900)).toEqual(['one/1', 'one/2'])
  })

  test('is said with what is given, so that a referee’s lease can be told from others', () => {
    const queue = queueOf(1, [anchor, referee, ...wants(1)])
    const given = ['bob', 'cy', 'dan'].map((owner) => {
      const answer = queue.ask(shown(owner, 1), 0, first)
      return answer.type === 'unit' ? answer.wanted : undefined
    })
    expect(given).toEqual([anchor, referee, wants(1)[0]])
  })

  test('is for each owner once, though a unit waits in two lists', () => {
    const queue = queueOf(1, [anchor, ...wants(1)])
    expect(askedOf(queue, shown('bob', 1), 2)).toEqual(['one/0', 'apart'])
    expect(queue.open(one)).toEqual({ fresh: 0, begun: 1 })
    expect(ask(queue, shown('eve', 0))).toBe('one/0')
    expect(queue.open(one)).toEqual({ fresh: 0, begun: 0 })
  })

  test('changes as it is said, and keeps its place where nothing else is wanted', () => {
    const queue = queueOf(2, wants(1), wants(1))
    queue.need(one, 0, [anchor, ...wants(2)], ['owner'], 0)
    expect(askedOf(queue, shown('eve', 0), 1)).toEqual(['one/0'])
    queue.need(one, 0, [anchor], ['owner', 'eve'], 0)
    expect(askedOf(queue, shown('dan', 0), 2)).toEqual(['one/1', 'trust'])
    expect(ask(queue, shown('bob', 1))).toBe('one/0')
  })

  test('waits no longer for a swift node than the tail is kept', () => {
    const queue = new Queue({ ...usualPolicy, tailPermille: 500, patienceMs: 50 })
    queue.admit(jobBy('ada', 'one', { units: 4 }), 0)
    askedOf(queue, nodeOf('owner'), 4)
    queue.need(one, 3, [anchor, ...wants(1)], ['owner'], 10)
    const [slow, slowAnchor] = [0, 1].map((trust) => {
      return { ...shown(`slow ${trust}`, trust as Trust), swift: false }
    }) as [Asker, Asker]
    expect(ask(queue, slowAnchor, 59)).toBe('tail')
    expect(ask(queue, slowAnchor, 60)).toBe('one/3')
    expect(ask(queue, slow, 60)).toBe('one/3')
  })

  test('of very many platforms leaves nothing behind', () => {
    const queue = queueOf(1)
    for (let i = 0; i < 1000; i++) queue.need(one, 0, [{ ...mac, platform: `os ${i}` }], [], 0)
    queue.need(one, 0, wants(1), [], 0)
    expect(ask(queue, shown('eve', 0))).toBe('one/0')
    expect(ask(queue, shown('eve', 0))).toBe('empty')
  })
})

describe('a platform that a job puts aside', () => {
  test('is given none of its units any more, begun or fresh, and others are', () => {
    const queue = queueOf(3, [anchor, ...wants(1)])
    queue.exclude(one, 'macos/arm64', 0)
    queue.exclude(one, 'macos/arm64', 0)
    expect(ask(queue, shown('eve', 2, 'macos'))).toBe('platform')
    expect(askedOf(queue, shown('bob', 1), 4)).toEqual(['one/0', 'one/1', 'one/2', 'apart'])
    expect(ask(queue, shown('dan', 0))).toBe('one/0')
    queue.end(one, 0)
    expect(queue.jobs).toBe(0)
    expect([...queue.classes()]).toEqual([])
  })

  test('keeps nobody from other jobs of the class', () => {
    const queue = queueOf(2)
    queue.admit(jobBy('ada', 'two', { units: 1 }), 0)
    queue.exclude(one, 'macos/arm64', 0)
    expect(askedOf(queue, shown('eve', 0, 'macos'), 2)).toEqual(['two/0', 'platform'])
  })

  test('is one of several, in whatever order they were put aside', () => {
    const queue = queueOf(2)
    queue.admit(jobBy('ada', 'two', { units: 1 }), 0)
    for (const os of ['macos', 'linux']) queue.exclude(one, `${os}/arm64`, 0)
    for (const os of ['linux', 'macos']) queue.exclude('two' as JobId, `${os}/arm64`, 0)
    expect([...queue.classes()]).toHaveLength(1)
    expect(ask(queue, shown('eve', 2))).toBe('platform')
    expect(ask(queue, shown('eve', 0, 'plan9'))).toBe('one/0')
  })

  test('leaves a job at risk as urgent, and its tail to any node', () => {
    const queue = new Queue({ ...usualPolicy, tailPermille: 500, patienceMs: 50 })
    queue.admit(jobBy('ada', 'other', { priority: 9 }), 0)
    queue.admit(jobBy('ada', 'one', { units: 4, deadline: 1000 }), 0)
    askedOf(queue, nodeOf('owner'), 3, 900)
    queue.exclude(one, 'macos/arm64', 900)
    expect(ask(queue, { ...shown('eve', 0), swift: false }, 950)).toBe('one/3')
    expect(ask(queue, shown('eve', 0), 950)).toBe('other/0')
    queue.exclude('gone' as JobId, 'macos/arm64', 950)
  })
})

describe('who asks at the right moment', () => {
  /** How often the second of two owners who ask one after the other is given the same unit. */
  function met(openMin: number): number {
    const queue = new Queue({ ...usualPolicy, openMin })
    queue.admit(jobBy('ada', 'one', { units: 1e6 }), 0)
    const draw = chance(11)
    let met = 0
    for (let i = 0; i < 20_000; i++) {
      const units = ['eve', 'bob'].map((owner) => {
        const answer = queue.ask(nodeOf(owner), 0, draw)
        if (answer.type !== 'unit') return -1
        if (answer.fresh) queue.need(answer.job, answer.unit, wants(1), [owner], 0)
        return answer.unit
      })
      // Others of the mesh, who compute what those two have begun.
      if (units[0] === units[1]) met++
      else queue.ask(nodeOf('honest'), 0, draw)
    }
    return met / 20_000
  }

  test('is given the unit of a friend no more often than by chance', () => {
    expect(met(1)).toBeGreaterThan(0.05)
    expect(met(256)).toBeLessThan(1.3 / 256)
  })
})
