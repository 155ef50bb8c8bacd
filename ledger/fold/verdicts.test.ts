import {
  accounts,
  type Fact,
  type Outcome,
  type Purpose,
  resultId,
  type Signer,
} from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { learnt, refused, take } from '../test/steps.ts'
import {
  accepted,
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
import { balanceOf } from './state.ts'

const [ada, ben, eve, fay] = [peer(1), peer(2), peer(3), peer(4)]
const fences: Fact = { type: 'fences', below: 1000 }

const volunteer = jobFact(ada, 1, 2)
const unit = unitFacts(volunteer.id, 0, [eve, fay], 5_000_000_000)
const [first, second] = unit.earnings as [(typeof unit.earnings)[0], (typeof unit.earnings)[0]]
const admitted = [fences, volunteer.fact]
const decided = [...admitted, unit.sealed, unit.decided]
const mine = accountOf(eve.id)

/** A verdict with other receipts, and what it earns for those who agree. */
function verdictOf(
  outcome: Outcome,
  agreeing: readonly number[],
  receipts: readonly Receipts[],
  others: Parameters<typeof accepted>[2] = {},
) {
  const { job, unit } = outcome
  const verdict: Fact = {
    type: 'verdict',
    job,
    unit,
    decided: accepted(outcome, agreeing, others),
    receipts: receipts.map((one) => one.signed),
  }
  const earns = agreeing.map((slot) => {
    const purpose: Purpose = { type: 'earn', job, unit, slot }
    return transfer(purpose, accounts.mint, accounts.hold(job, unit, slot), 5000)
  })
  return { verdict, earns }
}
type Receipts = ReturnType<typeof receiptOf>

/** A receipt for the first unit, in a slot. */
function receipt(node: Signer, slot: number, flavour = 0, epoch = 0): Receipts {
  const outcome = outcomeOf(volunteer.id, 0, 5_000_000_000, flavour)
  return receiptOf(node, volunteer.id, 0, slot, resultId(outcome), slot + 1, epoch)
}

describe('work of volunteers', () => {
  test('earns what the fuel is worth, held until audits are over, then paid', () => {
    const state = learnt(decided)
    expect(balanceOf(state, accounts.mint)).toBe(-2 * unit.micro)
    refused(state, [first.settle(mine)], 'when audits are over', 500)
    take(state, [first.settle(mine)], 2000)
    expect(balanceOf(state, mine)).toBe(5000)
    expect(balanceOf(state, accounts.hold(volunteer.id, 0, 0))).toBe(0)
  })

  test('is admitted once, and a nonce is used once', () => {
    const state = learnt(admitted)
    refused(state, [volunteer.fact], 'nonce once')
    refused(state, [jobFact(ada, 1, 7).fact], 'nonce once')
    refused(state, [jobFact(ben, 2, 1).fact], 'before it expires', 2_000_000_000)
    refused(state, [{ ...jobFact(ben, 2, 1).fact, priceMicro: 5 }], 'no other price')
  })

  test('is paid by the rate card that it was admitted under', () => {
    const state = learnt([...admitted, unit.sealed])
    const rates = { ...governance.rates, microPerGigafuel: 7 }
    const answer = learn(state, entryOf(unit.decided, 10), { ...governance, rates })
    expect(answer).toMatchObject({ ok: true })
  })

  test('takes no receipt without a reserved fence, twice, or after the verdict', () => {
    const [sealed] = unit.sealed as [Fact & { type: 'receipt' }]
    refused(learnt([volunteer.fact]), [sealed], 'block that was reserved')
    refused(learnt(admitted), [{ ...sealed, epoch: 1 }], 'an epoch has begun')
    refused(learnt(admitted), [{ ...sealed, unit: 2 }], 'one of its job')
    refused(learnt([...admitted, sealed]), [sealed], 'one receipt')
    refused(learnt(decided), [receipt(ben, 5).fact], 'takes no more')
  })

  test('earns for those who agreed, the price, once, with the verdict', () => {
    const state = learnt([...admitted, unit.sealed])
    const { verdict } = unit
    refused(state, [verdict], 'earns is in the same entry')
    refused(state, [verdict, first.earn], 'earns is in the same entry')
    refused(state, [verdict, first.earn, first.earn, second.earn], 'with its verdict, once')
    refused(state, [first.earn, verdict, second.earn], 'with its verdict, once')
    const purpose: Purpose = { type: 'earn', job: volunteer.id, unit: 0, slot: 0 }
    const hold = accounts.hold(volunteer.id, 0, 0)
    const more = transfer(purpose, accounts.mint, hold, 5001)
    refused(state, [verdict, more, second.earn], 'is the price')
    const elsewhere = transfer(purpose, accounts.escrow(volunteer.id), hold, 5000)
    refused(state, [verdict, elsewhere, second.earn], 'where the job has it')
    take(state, [verdict, second.earn, first.earn])
    refused(state, [first.earn], 'with its verdict, once')
    take(state, [first.settle(mine)], 2000)
    refused(state, [first.settle(mine)], 'settled once', 2000)
  })

  test('is paid to nobody else, and not back while it is right', () => {
    const state = learnt(decided)
    refused(state, [first.settle(accountOf(ben.id))], 'goes to its owner', 2000)
    refused(state, [first.settle(accounts.mint)], 'goes to its owner', 2000)
  })

  test('belongs to who had the node at the verdict', () => {
    const ours = delegationFact(ada, eve, 5, 1000)
    const state = learnt([...admitted, unit.sealed, ours, unit.decided])
    take(state, [delegationFact(ben, eve, 6, 1000)])
    refused(state, [first.settle(mine)], 'goes to its owner', 2000)
    take(state, [first.settle(accountOf(ada.id))], 2000)
  })
})

describe('a verdict', () => {
  test('opens receipts that were sealed, once each', () => {
    refused(learnt(admitted), unit.decided, 'sealed before it is opened')
    refused(learnt(decided), unit.decided, 'takes no more')
    // The same slot and fence, by the same node: but not the receipt that was sealed.
    const late = learnt([...admitted, receipt(eve, 0, 9).fact, ...unit.sealed.slice(1)])
    refused(late, unit.decided, 'sealed before it is opened')
    const outcome = outcomeOf(volunteer.id, 0, 5_000_000_000)
    const twice = verdictOf(outcome, [0], [receipt(eve, 0), receipt(eve, 0)])
    refused(learnt([...admitted, unit.sealed]), [twice.verdict], 'opened once')
  })

  test('opens all that was sealed in its epoch', () => {
    const state = learnt([...admitted, unit.sealed, receipt(ben, 2, 1).fact])
    refused(state, unit.decided, 'sealed in this epoch')
    const expired: Fact = {
      type: 'verdict',
      job: volunteer.id,
      unit: 0,
      decided: { type: 'expired' },
      receipts: [],
    }
    refused(state, [expired], 'sealed in this epoch')
    const later = { ...entryOf(unit.decided, 10), epoch: 1 }
    expect(learn(state, later, governance)).toMatchObject({ ok: true })
  })

  test('has the outcome of a receipt, and counts as agreeing whoever has it', () => {
    const state = learnt([...admitted, unit.sealed])
    const both = [receipt(eve, 0), receipt(fay, 1)]
    const other = verdictOf(outcomeOf(volunteer.id, 0, 5_000_000_000, 9), [0, 1], both)
    refused(state, [other.verdict, ...other.earns], 'the comparison takes')
    const right = outcomeOf(volunteer.id, 0, 5_000_000_000)
    const less = verdictOf(right, [0], both)
    refused(state, [less.verdict, ...less.earns], 'the comparison takes')
    const more = verdictOf(right, [0, 1, 2], both)
    refused(state, [more.verdict, ...more.earns], 'has a receipt')
    const none = verdictOf({ ...right, unit: 1 }, [0, 1], both)
    refused(state, [none.verdict, ...none.earns], 'of its unit')
    const { fuel: _, ...uncounted } = right
    refused(state, [verdictOf(uncounted, [0, 1], both).verdict], 'fuel is counted')
    const foreign = { ...unit.verdict, unit: 1 }
    refused(state, [foreign], 'of its unit')
  })

  test('pays an owner once, whoever of its nodes ran the unit', () => {
    const ours = [delegationFact(ben, eve, 5, 1000), delegationFact(ben, fay, 5, 1000)]
    const state = learnt([...admitted, unit.sealed, ours])
    refused(state, unit.decided, 'with its verdict, once')
    take(state, [unit.verdict, first.earn])
    expect(balanceOf(state, accounts.mint)).toBe(-5000)
    expect(state.reputations.get(eve.id, 'wasm')).toEqual({ vouched: 0, passes: 1, strikes: 0 })
    expect(state.reputations.get(fay.id, 'wasm')).toBeUndefined()
  })

  test('strikes whom it names, and nobody else', () => {
    const wrong = [receipt(ben, 2, 1), receipt(ada, 3, 2)]
    const state = learnt([...admitted, unit.sealed, wrong.map((one) => one.fact)])
    const outcome = outcomeOf(volunteer.id, 0, 5_000_000_000)
    const all = [receipt(eve, 0), receipt(fay, 1), ...wrong]
    const made = (struck: number[]) => verdictOf(outcome, [0, 1], all, { struck })
    refused(state, [made([1]).verdict], 'who agrees is not struck')
    refused(state, [made([5]).verdict], 'who is named has a receipt')
    const { verdict, earns } = made([2])
    take(state, [verdict, ...earns])
    expect(state.reputations.get(eve.id, 'wasm')).toEqual({ vouched: 1, passes: 1, strikes: 0 })
    expect(state.reputations.get(ben.id, 'wasm')).toEqual({ vouched: 0, passes: 0, strikes: 1 })
    expect(state.reputations.get(ada.id, 'wasm')).toBeUndefined()
  })
})

describe('the end of a job', () => {
  const poisoned: Fact = {
    type: 'verdict',
    job: volunteer.id,
    unit: 1,
    decided: { type: 'poisoned' },
    receipts: [],
  }
  const end: Fact = { type: 'end', job: volunteer.id, as: 'final' }

  test('is when all is decided and settled, and its units are forgotten', () => {
    const state = learnt(decided)
    refused(state, [end], 'all its units are decided')
    take(state, [poisoned])
    refused(state, [end], 'is settled')
    take(state, [first.settle(mine), second.settle(accountOf(fay.id))], 2000)
    refused(state, [{ ...end, as: 'dead' }], 'without any result')
    refused(state, [{ ...end, as: 'cancelled' }], 'ends as it stands')
    take(state, [end])
    refused(state, [end], 'takes no more facts')
    refused(state, [first.earn], 'with its verdict, once')
    expect(state.done.get(volunteer.id, 0)).toBeUndefined()
  })

  test('may be in the entry that settles the last of it', () => {
    const state = learnt([...decided, poisoned])
    take(state, [first.settle(mine), second.settle(accountOf(fay.id)), end], 2000)
  })

  test('is dead where nothing was accepted', () => {
    const state = learnt([...admitted, poisoned, { ...poisoned, unit: 0 }])
    refused(state, [end], 'final with a result')
    take(state, [{ ...end, as: 'dead' }])
  })
})

describe('a unit that is decided, with nothing held for it', () => {
  test('is a bit, and takes no more', () => {
    const state = learnt(decided)
    expect(state.units.get(volunteer.id, 0)).toMatchObject({ type: 'decided', held: 2 })
    take(state, [first.settle(mine)], 2000)
    expect(state.units.get(volunteer.id, 0)).toMatchObject({ held: 1 })
    expect(state.done.get(volunteer.id, 0)).toBeUndefined()
    take(state, [second.settle(accountOf(fay.id))], 2000)
    expect(state.units.get(volunteer.id, 0)).toBeUndefined()
    expect(state.done.get(volunteer.id, 0)?.bits[0]).toBe(1)
    refused(state, [receipt(ben, 5).fact], 'takes no more', 2000)
    refused(state, unit.decided, 'takes no more', 2000)
    refused(state, [first.settle(mine)], 'settled once', 2000)
  })

  test('comes back when the entry that settled it is taken back', () => {
    const state = learnt(decided)
    const both = [first.settle(mine), second.settle(accountOf(fay.id))]
    refused(state, [...both, first.settle(mine)], 'settled once', 2000)
    expect(state.units.get(volunteer.id, 0)).toMatchObject({ held: 2 })
    take(state, both, 2000)
  })

  test('does not keep its job from being large', () => {
    const large = jobFact(ada, 2, 10_000_000)
    const state = learnt([fences, large.fact])
    const before = state.tables.count
    for (let unit = 0; unit < 3000; unit++) {
      const verdict: Fact = {
        type: 'verdict',
        job: large.id,
        unit,
        decided: { type: 'expired' },
        receipts: [],
      }
      take(state, [verdict])
    }
    expect(state.tables.count - before).toBe(3)
    expect(state.done.get(large.id, 1)?.bits.every((byte) => byte === 255)).toBe(true)
  })
})
