import { limits, type NodeId, type OwnerId } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { suits, unasked } from './asked.ts'
import { decide } from './decide.ts'
import type { Terms, Vote, Wanted } from './vote.ts'

const trusted = 1577

/** Votes in the order of their slots, each of another owner and network. */
function votesOf(...some: readonly Partial<Vote>[]): Vote[] {
  return some.map((one, slot) => ({
    slot,
    node: `node-${slot}` as NodeId,
    owner: `owner-${slot}` as OwnerId,
    network: `10.0.${slot}`,
    platform: 'linux-x86',
    says: 'a',
    failed: false,
    vouched: trusted,
    strikes: 0,
    own: false,
    referee: false,
    round: 0,
    standing: 'good',
    ...one,
  }))
}

const terms: Terms = {
  owners: 2,
  apart: 'networks',
  audit: false,
  again: false,
  unjudged: false,
  inTurn: false,
  anchors: 100,
  own: 5,
  platforms: new Set(['linux-x86']),
}

function outcome(votes: readonly Vote[], other: Partial<Terms> = {}) {
  const decision = decide(votes, { ...terms, ...other })
  if (decision.type === 'accepted') return `accepted ${decision.says}`
  if (decision.type !== 'want') return decision.type
  return decision.wanted
    .map(({ from, platform, referee }) => {
      return [referee ? 'referee' : 'replica', from, ...(platform ? [platform] : [])].join(' ')
    })
    .join(', ')
}

const b = { says: 'b' }
const newcomer = { vouched: 0 }

describe('a unit', () => {
  test('begins with an anchor and anybody', () => {
    expect(outcome([])).toBe('replica anchor, replica any')
    expect(outcome([], { owners: 1 })).toBe('replica any')
  })

  test('is asked for one after the other in turn', () => {
    expect(outcome([], { inTurn: true })).toBe('replica anchor')
    expect(outcome(votesOf({}), { inTurn: true })).toBe('replica any')
    expect(outcome(votesOf(newcomer), { inTurn: true })).toBe('replica anchor')
  })

  test('is accepted when two owners agree, one an anchor, with weight enough', () => {
    expect(outcome(votesOf({}, {}))).toBe('accepted a')
    expect(outcome(votesOf({}, newcomer))).toBe('accepted a')
    expect(outcome(votesOf({ vouched: 100 }, { vouched: 100 }))).toBe('accepted a')
    expect(outcome(votesOf({ vouched: 100 }, newcomer))).toBe('replica anchor')
    expect(outcome(votesOf({ vouched: 99 }, { vouched: 99 }))).toBe('replica anchor')
  })

  test('is accepted from one node where one is enough, and that node fully trusted', () => {
    expect(outcome(votesOf({}))).toBe('replica any')
    expect(outcome(votesOf({}), { owners: 1 })).toBe('accepted a')
    expect(outcome(votesOf({ vouched: trusted - 1 }), { owners: 1 })).toBe('replica anchor')
    const twice = { vouched: 2 * trusted, strikes: 1 }
    const nearly = { ...twice, vouched: 2 * trusted - 1 }
    expect(outcome(votesOf(nearly), { owners: 1 })).toBe('replica anchor')
    expect(outcome(votesOf(twice), { owners: 1 })).toBe('accepted a')
  })

  test('that is disputed is for anchors, until the lead is what two need', () => {
    expect(outcome(votesOf({}, b))).toBe('replica anchor')
    expect(outcome(votesOf({}, b, {}))).toBe('accepted a')
    expect(outcome(votesOf({}, { ...b, ...newcomer }))).toBe('replica anchor')
    expect(outcome(votesOf({}, { ...b, ...newcomer }, { vouched: 200 }))).toBe('accepted a')
  })

  test('wants votes of other owners, and of other networks where the mesh says so', () => {
    const one = { owner: 'one' as OwnerId }
    expect(outcome(votesOf(one, one))).toBe('replica any')
    const near = { network: '10.9.9' }
    expect(outcome(votesOf(near, near))).toBe('replica any')
    expect(outcome(votesOf(near, near), { apart: 'owners' })).toBe('accepted a')
  })

  test('is the result of those who count: void and banned votes do not', () => {
    expect(outcome(votesOf({}, { standing: 'void' }))).toBe('replica any')
    expect(outcome(votesOf({}, {}, { ...b, standing: 'banned' }))).toBe('accepted a')
  })

  test('names all who agree, whether they count or not', () => {
    const votes = votesOf({}, {}, { standing: 'banned' }, b, { network: '10.0.0' }, {})
    expect(decide(votes, terms)).toEqual({
      type: 'accepted',
      says: 'a',
      agreeing: [0, 1, 2, 4, 5],
      audited: false,
    })
  })

  test('is dead after eight executions that agree on nothing', () => {
    const all = Array.from({ length: limits.attemptsMax }, (_, i) => ({ says: `${i}` }))
    expect(outcome(votesOf(...all.slice(1)))).toBe('replica anchor')
    expect(outcome(votesOf(...all))).toBe('expired')
  })
})

describe('an audit', () => {
  const audit = { audit: true }

  test('asks for a referee when the unit would be accepted', () => {
    expect(outcome([], audit)).toBe('replica anchor, replica any')
    expect(outcome(votesOf({}, {}), audit)).toBe('referee anchor')
    expect(outcome(votesOf({}, {}, { referee: true }), audit)).toBe('accepted a')
  })

  test('has weights decide when the referee contradicts', () => {
    const contradicted = votesOf({ vouched: 300 }, { vouched: 300 }, { ...b, referee: true })
    expect(outcome(contradicted, audit)).toBe('referee anchor')
  })

  test('has a witness of the mesh when two are about to be wrong together', () => {
    const referee = { ...b, referee: true }
    const caught = votesOf({}, {}, referee, referee, referee)
    expect(outcome(caught, audit)).toBe('referee own')
    expect(outcome([...caught, ...seen(caught, { ...referee, own: true })], audit)).toBe(
      'accepted b',
    )
    expect(outcome(caught, { ...audit, own: 0 })).toBe('accepted b')
  })
})

function seen(before: readonly Vote[], one: Partial<Vote>): Vote[] {
  return votesOf(...before, one).slice(before.length)
}

describe('a mesh without anchors', () => {
  const cold = { anchors: 6, own: 0 }

  test('accepts what seven owners agree on', () => {
    const six = Array.from({ length: 6 }, () => newcomer)
    expect(outcome([], cold)).toBe('replica any, replica any')
    expect(outcome(votesOf(...six), cold)).toBe('replica any')
    expect(outcome(votesOf(...six, newcomer), cold)).toBe('accepted a')
  })

  test('has enough of them with seven, or with one of its own', () => {
    expect(outcome([], { anchors: 7, own: 0 })).toBe('replica anchor, replica any')
    expect(outcome([], { anchors: 1, own: 1 })).toBe('replica anchor, replica any')
  })

  test('asks anybody when all its anchors have answered', () => {
    expect(outcome(votesOf({ own: true }, b), { anchors: 1, own: 1 })).toBe('replica any')
  })
})

describe('a unit that fails', () => {
  const fails = { failed: true, says: 'memory' }

  test('alike on three owners, one an anchor, is poisoned', () => {
    expect(outcome(votesOf(fails))).toBe('replica anchor, replica any')
    expect(outcome(votesOf(fails, fails))).toBe('replica anchor')
    expect(outcome(votesOf(fails, fails, fails))).toBe('poisoned')
    const strange = { ...fails, ...newcomer }
    expect(outcome(votesOf(strange, strange, strange))).toBe('replica anchor')
  })

  test('in different ways is tried again', () => {
    expect(outcome(votesOf(fails, { ...fails, says: 'time' }, fails))).toBe('replica anchor')
  })

  test('is poisoned whoever claims a result, if those on whom it fails far outweigh him', () => {
    expect(outcome(votesOf(fails, fails, fails, newcomer))).toBe('poisoned')
    const asked = { audit: true, replicas: { quorum: 1, max: 6 } }
    expect(outcome(votesOf(newcomer, fails, fails, fails), asked)).toBe('poisoned')
  })

  test('is not poisoned where others have a result that weighs as much', () => {
    expect(outcome(votesOf(fails, fails, fails, {}, {}, {}))).toBe('accepted a')
  })
})

describe('a plain quorum', () => {
  const replicas = { replicas: { quorum: 2, max: 4 } }

  test('counts owners, and nothing else', () => {
    expect(outcome([], replicas)).toBe('replica any, replica any')
    expect(outcome(votesOf(newcomer, newcomer), replicas)).toBe('accepted a')
    expect(outcome(votesOf({}, { ...b, ...newcomer }, { ...b, ...newcomer }), replicas)).toBe(
      'accepted b',
    )
  })

  test('is audited too, beyond the executions that it may have', () => {
    const full = votesOf({}, b, { says: 'c' }, {})
    expect(outcome(full, { ...replicas, audit: true })).toBe('referee anchor')
    expect(outcome(votesOf({}, b, { says: 'c' }, { says: 'd' }), replicas)).toBe('expired')
  })

  test('gives way to the weights when a referee contradicts', () => {
    const votes = votesOf(newcomer, newcomer, { ...b, referee: true })
    expect(outcome(votes, { ...replicas, audit: true })).toBe('referee anchor')
  })

  test('counts after all where nobody came who has shown anything', () => {
    const votes = votesOf(newcomer, newcomer, { ...b, ...newcomer, referee: true })
    const nobody = { ...replicas, anchors: 0, own: 0 }
    expect(outcome(votes, nobody)).not.toContain('accepted')
    expect(outcome(votes, { ...nobody, unjudged: true })).toBe('accepted a')
  })
})

describe('a platform that errs', () => {
  const arm = { ...b, platform: 'linux-arm' }
  const mac = { platform: 'mac-arm' }
  const three = { platforms: new Set(['linux-x86', 'linux-arm', 'mac-arm']) }

  test('is asked for more of its owners before one of them is blamed', () => {
    expect(outcome(votesOf({}, arm, {}), three)).toBe('replica any linux-arm')
    expect(outcome(votesOf({}, arm, {}, { ...arm, says: 'a' }), three)).toBe('accepted a')
    expect(outcome(votesOf({}, { ...arm, ...newcomer }, {}), three)).toBe('accepted a')
  })

  test('loses against two others, not against a larger one', () => {
    const votes = votesOf({}, {}, {}, {}, arm, arm, arm)
    expect(outcome(votes, three)).toBe('replica any mac-arm')
    expect(outcome([...votes, ...seen(votes, mac)], three)).toBe('accepted a')
  })

  test('splits the job where there is no third', () => {
    const two = { platforms: new Set(['linux-x86', 'linux-arm']) }
    expect(outcome(votesOf({}, {}, {}, {}, arm, arm, arm), two)).toBe('split')
  })
})

test('what is verified again is for anchors, in turn, beyond eight executions', () => {
  const again = { again: true }
  const banned = { standing: 'banned' } as const
  expect(outcome(votesOf({}, banned), again)).toBe('referee anchor')
  expect(outcome(votesOf(banned, banned), again)).toBe('referee anchor')
  const used = Array.from({ length: 9 }, () => banned)
  expect(outcome(votesOf(...used, {}), again)).toBe('referee anchor')
  expect(outcome(votesOf({}, {}, banned), again)).toBe('accepted a')
})

test('what is wanted is not asked for twice', () => {
  const anchor: Wanted = { from: 'anchor', referee: false }
  const any: Wanted = { from: 'any', referee: false }
  const [known, unknown] = votesOf({}, newcomer) as [Vote, Vote]
  expect(unasked([anchor, any], [])).toEqual([anchor, any])
  expect(unasked([anchor, any], [known])).toEqual([any])
  expect(unasked([anchor, any], [unknown])).toEqual([anchor])
  expect(unasked([any, anchor], [unknown, known])).toEqual([])
  expect(unasked([anchor], [unknown])).toEqual([anchor])
  expect(suits({ from: 'own', referee: true }, known)).toBe(false)
  expect(suits({ from: 'any', platform: 'mac-arm', referee: false }, known)).toBe(false)
})
