import type { NodeId, OwnerId } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { judge, spared } from './judge.ts'
import type { Accepted, Vote } from './vote.ts'

function votesOf(...some: readonly Partial<Vote>[]): Vote[] {
  return some.map((one, slot) => ({
    slot,
    node: `node-${slot}` as NodeId,
    owner: `owner-${slot}` as OwnerId,
    network: `10.0.${slot}`,
    platform: 'linux-x86',
    says: 'a',
    failed: false,
    vouched: 1000,
    strikes: 0,
    own: false,
    referee: false,
    round: 0,
    standing: 'good',
    ...one,
  }))
}

const all: ReadonlySet<string> = new Set(['linux-x86', 'linux-arm', 'mac-arm'])

function judged(votes: readonly Vote[], audited = false, proven = all) {
  const agreeing = votes.filter(({ says }) => says === 'a').map(({ slot }) => slot)
  const accepted: Accepted = { type: 'accepted', says: 'a', agreeing, audited }
  const { passed, ...rest } = judge(votes, accepted, proven)
  const vouched = passed.filter((one) => one.vouched).map(({ slot }) => slot)
  return { passed: passed.map(({ slot }) => slot), vouched, ...rest }
}

const b = { says: 'b' }
const newcomer = { vouched: 0 }
const nothing = { struck: [], excused: [], banned: [], again: [], aside: [] }

describe('whoever agrees passes', () => {
  test('and is vouched for by an anchor other than itself', () => {
    expect(judged(votesOf({}, newcomer))).toEqual({ passed: [0, 1], vouched: [1], ...nothing })
    expect(judged(votesOf({}, {}))).toEqual({ passed: [0, 1], vouched: [0, 1], ...nothing })
    expect(judged(votesOf(newcomer, newcomer)).vouched).toEqual([])
    expect(judged(votesOf({ own: true, ...newcomer }, newcomer)).vouched).toEqual([1])
  })

  test('or, of seven, by the others', () => {
    const seven = Array.from({ length: 7 }, () => newcomer)
    expect(judged(votesOf(...seven)).vouched).toHaveLength(7)
    expect(judged(votesOf(...seven.slice(1))).vouched).toEqual([])
  })

  test('once for each owner, and not if it is banned', () => {
    const owner = 'owner' as OwnerId
    expect(judged(votesOf({ owner }, { owner }, {})).passed).toEqual([0, 2])
    expect(judged(votesOf({}, {}, { standing: 'banned' })).passed).toEqual([0, 1])
  })
})

describe('whoever does not', () => {
  test('gets a strike, whether alone or with others', () => {
    expect(judged(votesOf({}, {}, b))).toMatchObject({ ...nothing, struck: [2] })
    expect(judged(votesOf({}, {}, {}, {}, b, b))).toMatchObject({ ...nothing, struck: [4, 5] })
  })

  test('has all verified again that it helped to win, if that was found by a referee', () => {
    const votes = votesOf({}, {}, b)
    expect(judged(votes, true)).toMatchObject({ ...nothing, struck: [2], again: [2] })
  })

  test('gets none for failing', () => {
    expect(judged(votesOf({}, {}, { ...b, failed: true }))).toMatchObject(nothing)
  })

  test('was judged before if it is banned', () => {
    const votes = votesOf({}, {}, { ...b, standing: 'banned' }, { ...b, standing: 'void' })
    expect(judged(votes)).toMatchObject({ ...nothing, struck: [3] })
  })
})

describe('a ban', () => {
  const own = { own: true }

  test('is for two owners who were wrong together, before a witness of the mesh', () => {
    const votes = votesOf(b, b, {}, own)
    expect(judged(votes, true)).toMatchObject({ ...nothing, banned: [0, 1], again: [0, 1] })
    expect(judged(votes, false)).toMatchObject({ ...nothing, struck: [0, 1] })
    expect(judged(votesOf(b, b, {}, {}), true)).toMatchObject({ struck: [0, 1], banned: [] })
  })

  test('is for nobody who was wrong in a way of his own, or twice as one owner', () => {
    expect(judged(votesOf(b, { says: 'c' }, {}, own), true)).toMatchObject({ banned: [] })
    const owner = 'owner' as OwnerId
    expect(judged(votesOf({ ...b, owner }, { ...b, owner }, own), true).banned).toEqual([])
  })

  test('is for who repeats a wrong verdict, and not for who was repeated', () => {
    const votes = votesOf({ ...b, standing: 'void' }, { ...b, round: 1 }, {}, own)
    expect(judged(votes, true)).toMatchObject({ struck: [0], banned: [1] })
  })

  test('finds the other where one was banned before', () => {
    const votes = votesOf({ ...b, standing: 'banned' }, b, {}, own)
    expect(judged(votes, true)).toMatchObject({ struck: [], banned: [1] })
  })

  test('is never for a node of the mesh itself', () => {
    expect(judged(votesOf({ ...b, own: true }, b, {}, own), true)).toMatchObject({
      struck: [0],
      banned: [1],
    })
  })
})

test('where results may differ by chance, who would be banned is struck', () => {
  const votes = votesOf(b, b, {}, { own: true }, { says: 'c' })
  const accepted: Accepted = { type: 'accepted', says: 'a', agreeing: [2, 3], audited: true }
  const judgement = judge(votes, accepted, all)
  expect(judgement).toMatchObject({ struck: [4], banned: [0, 1] })
  expect(spared(judgement)).toEqual({ ...judgement, struck: [4, 0, 1], banned: [] })
})

describe('a platform that errs', () => {
  const arm = { ...b, platform: 'linux-arm' }
  const own = { own: true }

  test('is put aside, and nobody on it is blamed', () => {
    const votes = votesOf({}, { platform: 'mac-arm' }, own, arm, { ...arm, ...newcomer })
    expect(judged(votes, true)).toMatchObject({
      ...nothing,
      excused: [3, 4],
      again: [3, 4],
      aside: ['linux-arm'],
    })
  })

  test('is not what errs where one of it is right', () => {
    const votes = votesOf({}, { platform: 'linux-arm' }, own, arm, arm)
    expect(judged(votes, true)).toMatchObject({ ...nothing, banned: [3, 4], again: [3, 4] })
  })

  test('is not what errs where one errs alone', () => {
    expect(judged(votesOf({}, {}, arm))).toMatchObject({ ...nothing, struck: [2] })
  })

  test('excuses whoever errs on it, until it was right in this job', () => {
    const proven = new Set(['linux-x86'])
    expect(judged(votesOf({}, {}, arm), false, proven)).toMatchObject({ ...nothing, excused: [2] })
    expect(judged(votesOf({}, {}, b), false, new Set())).toMatchObject({ ...nothing, struck: [2] })
  })

  test('is not put aside for strangers, but nobody is banned on the word of others', () => {
    const stranger = { ...arm, ...newcomer }
    const votes = votesOf({}, own, stranger, stranger)
    expect(judged(votes, true)).toMatchObject({ struck: [2, 3], banned: [], aside: [] })
  })
})
