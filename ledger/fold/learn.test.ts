import {
  accounts,
  type Digest,
  digestText,
  type Fact,
  type NodeId,
  type Purpose,
  resultId,
  sha256,
} from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { learnt, refused, take } from '../test/steps.ts'
import {
  accountOf,
  delegationFact,
  entryOf,
  governance,
  jobFact,
  outcomeOf,
  peer,
  receiptOf,
  transfer,
  unitFacts,
} from '../test/world.ts'
import { learn } from './learn.ts'
import { balanceOf, emptyState, ownerOf } from './state.ts'

const [ada, ben, eve, fay] = [peer(1), peer(2), peer(3), peer(4)]
const fences: Fact = { type: 'fences', below: 1000 }

const volunteer = jobFact(ada, 1, 2)
const unit = unitFacts(volunteer.id, 0, [eve, fay], 5_000_000_000)

describe('work of volunteers', () => {
  const admitted = [fences, volunteer.fact]
  const decided = [...admitted, ...unit.sealed, unit.verdict]
  const [first, second] = unit.earnings as [(typeof unit.earnings)[0], (typeof unit.earnings)[0]]
  const mine = accountOf(eve.id)

  test('earns what the fuel is worth, held until audits are over, then paid', () => {
    const state = learnt([...decided, first.earn, second.earn])
    expect(balanceOf(state, accounts.mint)).toBe(-2 * unit.micro)
    refused(state, [first.settle(mine)], 'when audits are over', 500)
    take(state, [first.settle(mine)], 2000)
    expect(balanceOf(state, mine)).toBe(5000)
    expect(balanceOf(state, accounts.hold(volunteer.id, 0, 0))).toBe(0)
  })

  test('is admitted once, and a nonce is used once', () => {
    const state = learnt(admitted)
    refused(state, [volunteer.fact], 'admitted once')
    refused(state, [jobFact(ada, 1, 7).fact], 'nonce once')
    refused(state, [jobFact(ben, 2, 1).fact], 'before it expires', 2_000_000_000)
  })

  test('takes no receipt without a reserved fence, twice, or after the verdict', () => {
    const [sealed] = unit.sealed as [Fact]
    refused(learnt([volunteer.fact]), [sealed], 'block that was reserved')
    refused(learnt([...admitted, sealed]), [sealed], 'one receipt')
    const late = receiptOf(ben, volunteer.id, 0, 5, resultId(outcomeOf(volunteer.id, 0, 1))).fact
    refused(learnt(decided), [late], 'decided takes no receipts')
  })

  test('is decided by receipts that were sealed, by distinct owners, once', () => {
    refused(learnt(admitted), [unit.verdict], 'sealed before it is opened')
    refused(learnt(decided), [unit.verdict], 'decided once')
    // The same slot and fence, by the same node: but not the receipt that was sealed.
    const changed = receiptOf(eve, volunteer.id, 0, 0, resultId(outcomeOf(volunteer.id, 0, 1, 9)))
    const late = learnt([...admitted, changed.fact, ...unit.sealed.slice(1)])
    refused(late, [unit.verdict], 'sealed before it is opened')
    const ours = delegationFact(ben, eve, 5, 1000)
    const others = delegationFact(ben, fay, 5, 1000)
    const state = learnt([...admitted, ours, others, ...unit.sealed])
    refused(state, [unit.verdict], 'distinct owners')
  })

  test('earns for those who agreed, the price, once, even after it was settled', () => {
    const state = learnt(decided)
    const purpose: Purpose = { type: 'earn', job: volunteer.id, unit: 0, slot: 0 }
    const hold = accounts.hold(volunteer.id, 0, 0)
    refused(state, [transfer(purpose, accounts.mint, hold, 5001)], 'is the price')
    const third: Purpose = { ...purpose, slot: 2 }
    const other = accounts.hold(volunteer.id, 0, 2)
    refused(state, [transfer(third, accounts.mint, other, 5000)], 'who earns agreed')
    take(state, [first.earn])
    refused(state, [first.earn], 'earns once')
    take(state, [first.settle(mine)], 2000)
    refused(state, [first.settle(mine)], 'settled once', 2000)
    refused(state, [first.earn], 'earns once', 2000)
  })

  test('is paid to nobody else, and not back while it is right', () => {
    const state = learnt([...decided, first.earn])
    refused(state, [first.settle(accountOf(ben.id))], 'goes to its owner', 2000)
    refused(state, [first.settle(accounts.mint)], 'goes to its owner', 2000)
  })

  test('that a referee finds wrong goes back, and earns no more', () => {
    const wrong = resultId(outcomeOf(volunteer.id, 0, 1, 7))
    const referee = receiptOf(ben, volunteer.id, 0, 9, wrong)
    const audit: Fact = {
      type: 'audit',
      job: volunteer.id,
      unit: 0,
      receipt: referee.signed,
      agrees: false,
    }
    const sealed = [...admitted, ...unit.sealed, referee.fact]
    const state = learnt([...sealed, unit.verdict, first.earn, audit])
    refused(state, [second.earn], 'found wrong')
    refused(state, [first.settle(mine)], 'goes back', 2000)
    take(state, [first.settle(accounts.mint)])
    expect(balanceOf(state, accounts.mint)).toBe(0)
    expect(state.reputations.get(`${eve.id}/wasm`)).toEqual({ vouched: 0, passes: 1, strikes: 1 })
  })

  test('ends when all is decided and settled, and its units are forgotten', () => {
    const state = learnt([...decided, first.earn])
    const end: Fact = { type: 'end', job: volunteer.id, as: 'final' }
    refused(state, [end], 'all its units are decided')
    take(state, [
      { type: 'verdict', job: volunteer.id, unit: 1, decided: { type: 'poisoned' }, receipts: [] },
    ])
    refused(state, [end], 'is settled')
    take(state, [first.settle(mine)], 2000)
    refused(state, [{ ...end, as: 'dead' }], 'without any result')
    take(state, [end])
    expect(state.units.get(`${volunteer.id}/0`)).toBeUndefined()
    refused(state, [end], 'takes no more facts')
    refused(state, [first.earn], 'takes no more facts')
  })
})

describe('owners', () => {
  test('have a node from the delegation on, until it expires or is revoked', () => {
    const state = learnt([delegationFact(ben, eve, 5, 100)])
    expect(ownerOf(state, eve.id as NodeId, 50)).toBe(ben.id)
    expect(ownerOf(state, eve.id as NodeId, 100)).toBe(eve.id)
    refused(state, [delegationFact(ada, eve, 5, 1000)], 'later than the one before')
    refused(state, [delegationFact(ada, eve, 6, 9)], 'before it expires')
    take(state, [delegationFact(ada, eve, 6, 1000)])
    expect(ownerOf(state, eve.id as NodeId, 50)).toBe(ada.id)
  })
})

test('an entry whose last fact breaks a rule leaves no trace of its first', () => {
  const state = learnt([fences])
  refused(state, [volunteer.fact, volunteer.fact], 'admitted once')
  take(state, [volunteer.fact])
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

test('nothing is issued in the future', () => {
  refused(emptyState(), [delegationFact(ben, eve, 100_000, 200_000)], 'in the future')
})
