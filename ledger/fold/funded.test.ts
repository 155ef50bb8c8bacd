import {
  type Account,
  accounts,
  type Fact,
  type Purpose,
  resultId,
  transferId,
} from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { learnt, refused, take } from '../test/steps.ts'
import {
  accountOf,
  intervalMicro,
  jobFact,
  outcomeOf,
  peer,
  receiptOf,
  request,
  transfer,
  unitFacts,
} from '../test/world.ts'
import { balanceOf, type State } from './state.ts'

const [ada, ben, eve] = [peer(1), peer(2), peer(3)]
const fences: Fact = { type: 'fences', below: 1000 }

describe('funded containers', () => {
  const { fact, id } = jobFact(ada, 3, 1, 'docker', 5000)
  const escrow = accounts.escrow(id)
  const purse = accountOf(ada.id)
  const hold = accounts.hold(id, 0, 0)
  const fund = transfer({ type: 'fund', job: id }, purse, escrow, 5000)
  const interval = (n: number): { purpose: Purpose; fact: Fact } => {
    const purpose: Purpose = {
      type: 'meter',
      job: id,
      unit: 0,
      slot: 0,
      epoch: 0,
      fence: 1,
      interval: n,
    }
    return { purpose, fact: transfer(purpose, escrow, hold, intervalMicro(n)) }
  }

  /** Ada has earned 5000 by her own node before. */
  function funded(): State {
    const own = jobFact(ben, 9, 1)
    const { sealed, verdict, earnings } = unitFacts(own.id, 0, [ada], 5_000_000_000)
    const [earning] = earnings
    if (earning === undefined) throw new Error('nothing was earned')
    const state = learnt([fences, own.fact, ...sealed, verdict, earning.earn])
    take(state, [earning.settle(purse)], 2000)
    return state
  }

  test('are funded by their budget, from the publisher, once', () => {
    const state = funded()
    take(state, [fact])
    const less = transfer({ type: 'fund', job: id }, purse, escrow, 4999)
    refused(state, [less], 'by its budget')
    refused(
      state,
      [transfer({ type: 'fund', job: id }, accountOf(ben.id), escrow, 5000)],
      'publisher',
    )
    take(state, [fund])
    refused(state, [fund], 'funded once')
  })

  test('cannot be funded with what is not there', () => {
    refused(learnt([fact]), [fund], 'holds less')
  })

  test('are metered while they run, and the rest is refunded at the end', () => {
    const state = funded()
    take(state, [fact, fund])
    const [zero, one] = [interval(0), interval(1)]
    take(state, [zero.fact, one.fact])
    refused(state, [one.fact], 'metered once')
    const outcome = outcomeOf(id, 0, undefined)
    const receipt = receiptOf(eve, id, 0, 0, resultId(outcome))
    const verdict: Fact = {
      type: 'verdict',
      job: id,
      unit: 0,
      decided: { type: 'accepted', outcome, agreeing: [0] },
      receipts: [receipt.signed],
    }
    refused(state, [settled(zero.purpose, accountOf(eve.id), 400)], 'what is open', 9000)
    take(state, [receipt.fact, verdict])
    refused(state, [interval(2).fact], 'until it is decided')
    const rest = transfer({ type: 'refund', job: id }, escrow, purse, 4200)
    refused(state, [rest], 'settled first', 9000)
    take(state, [settled(zero.purpose, accountOf(eve.id), 400)], 9000)
    take(state, [settled(one.purpose, accountOf(eve.id), 400)], 9000)
    refused(state, [{ type: 'end', job: id, as: 'final' }], 'nothing in escrow')
    take(state, [rest, { type: 'end', job: id, as: 'final' }])
    expect(balanceOf(state, purse)).toBe(4200)
    expect(balanceOf(state, accountOf(eve.id))).toBe(800)
  })

  test('that are cancelled give back what was metered and not decided', () => {
    const state = funded()
    take(state, [fact, fund, interval(0).fact])
    const by = (who: typeof ada) => request(who, 1, { type: 'cancel', job: id })
    refused(state, [{ type: 'cancel', request: by(ben) }], 'its own jobs')
    take(state, [{ type: 'cancel', request: by(ada) }])
    refused(state, [{ type: 'cancel', request: by(ada) }], 'counter is used once')
    take(state, [settled(interval(0).purpose, escrow, 400)])
    take(state, [transfer({ type: 'refund', job: id }, escrow, purse, 5000)])
    take(state, [{ type: 'end', job: id, as: 'cancelled' }])
    expect(balanceOf(state, purse)).toBe(5000)
  })

  function settled(purpose: Purpose, to: Account, micro: number): Fact {
    return transfer({ type: 'settle', of: transferId(purpose) }, hold, to, micro)
  }
})
