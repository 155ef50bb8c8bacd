import {
  type Digest,
  digestText,
  type Fact,
  type NodeId,
  type OwnerId,
  type ResultId,
  type Revocation,
  reopen,
  revocationDocument,
  sha256,
  sign,
} from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { learnt, refused, take } from '../test/steps.ts'
import {
  delegationFact,
  entryOf,
  governance,
  jobFact,
  peer,
  receiptOf,
  unitFacts,
} from '../test/world.ts'
import { learn, stateRoot } from './learn.ts'
import { emptyState, ownerOf } from './state.ts'

const [ada, ben, eve] = [peer(1), peer(2), peer(3)]
const fences: Fact = { type: 'fences', below: 1000 }

describe('owners', () => {
  test('have a node from the delegation on, until it expires', () => {
    const state = learnt([delegationFact(ben, eve, 5, 100)])
    expect(ownerOf(state, eve.id as NodeId, 50)).toBe(ben.id)
    expect(ownerOf(state, eve.id as NodeId, 100)).toBe(eve.id)
    refused(state, [delegationFact(ada, eve, 5, 1000)], 'later than the one before')
    refused(state, [delegationFact(ada, eve, 6, 9)], 'before it expires')
    take(state, [delegationFact(ada, eve, 6, 1000)])
    expect(ownerOf(state, eve.id as NodeId, 50)).toBe(ada.id)
  })

  test('have it no more when it is revoked, by one of the two', () => {
    const revoked = (issued: number): Fact => {
      const owner = ben.id as string as OwnerId
      const word: Revocation = { v: 1, owner, node: eve.id as NodeId, by: 'node', issued }
      return { type: 'revocation', revocation: sign(revocationDocument, word, eve) }
    }
    const state = learnt([delegationFact(ben, eve, 5, 100), revoked(6)])
    expect(ownerOf(state, eve.id as NodeId, 50)).toBe(eve.id)
    refused(state, [revoked(6)], 'later than the one before')
    refused(state, [delegationFact(ben, eve, 6, 100)], 'later than its revocation')
    take(state, [delegationFact(ben, eve, 7, 100)])
    expect(ownerOf(state, eve.id as NodeId, 50)).toBe(ben.id)
  })

  test('are not from the future', () => {
    refused(emptyState(), [delegationFact(ben, eve, 100_000, 200_000)], 'in the future')
  })
})

test('a node is told of when it is new or another, and not else', () => {
  const platform = { os: 'linux', arch: 'arm64' }
  const node: Fact = { type: 'node', node: eve.id as NodeId, tier: 'cpu', platform }
  const state = learnt([node])
  refused(state, [node], 'known as it is')
  take(state, [{ ...node, tier: 'gpu' }])
  take(state, [{ ...node, tier: 'gpu', platform: { os: 'linux', arch: 'x86_64' } }])
  expect(state.nodes.get(eve.id)).toMatchObject({ tier: 'gpu', platform: { arch: 'x86_64' } })
})

test('an entry whose last fact breaks a rule leaves no trace of its first', () => {
  const job = jobFact(ada, 1, 2)
  const state = learnt([fences])
  refused(state, [job.fact, job.fact], 'nonce once')
  take(state, [job.fact])
})

test('each seed of the draw is shown when the next begins, but by a successor', () => {
  const seed = new Uint8Array(32).fill(5)
  const next = digestText<Digest>(sha256(seed))
  const first: Fact = { type: 'draw', next }
  const state = learnt([first])
  refused(state, [first], 'each seed is shown')
  refused(state, [{ ...first, shown: new Uint8Array(32) }], 'that committed')
  take(state, [{ ...first, shown: seed }])
  const later = { ...entryOf([first], 10), epoch: 1 }
  expect(learn(state, later, governance)).toMatchObject({ ok: true })
})

test('fences are reserved upwards', () => {
  const state = learnt([fences])
  refused(state, [fences], 'where the last one ended')
  take(state, [{ type: 'fences', below: 1001 }])
})

test('who reads its own entries again need not verify: all else is held as before', () => {
  const job = jobFact(ada, 1, 1)
  const unit = unitFacts(job.id, 0, [eve, ben], 1e9)
  const [first] = unit.receipts
  if (first === undefined) throw new Error('nobody ran the unit')
  const forged = { ...first.signed, signatures: [new Uint8Array(64)] }
  const verdict = { ...unit.verdict, receipts: [forged, ...unit.verdict.receipts.slice(1)] }
  const steps = [[fences], [job.fact], unit.sealed, [verdict, ...unit.decided.slice(1)]]
  const [opening, reopening] = [emptyState(), emptyState()]
  const answers = steps.map((facts) => [
    learn(opening, entryOf(facts, 10), governance).ok,
    learn(reopening, entryOf(facts, 10), governance, reopen).ok,
  ])
  expect(answers).toEqual([
    [true, true],
    [true, true],
    [true, true],
    [false, true],
  ])
  take(opening, unit.decided)
  expect(stateRoot(opening)).toBe(stateRoot(reopening))
  const other = receiptOf(eve, job.id, 0, 0, 'f'.repeat(64) as ResultId)
  const late = entryOf([{ ...verdict, receipts: [other.signed] }], 10)
  expect(learn(reopening, late, governance, reopen).ok).toBe(false)
})
