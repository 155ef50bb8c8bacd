import { accounts, type Fact, type Purpose, resultId } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { learnt, refused, take } from '../test/steps.ts'
import { earnedMicro, Trial } from '../test/trial.ts'
import {
  accepted,
  accountOf,
  intervalMicro,
  jobFact,
  outcomeOf,
  peer,
  receiptOf,
  request,
  settleOf,
  transfer,
} from '../test/world.ts'
import { balanceOf, isAtRest, type State } from './state.ts'

const [ada, ben, eve, fay] = [peer(1), peer(2), peer(3), peer(4)]
const { mint } = accounts
const trial = new Trial(2)
const [first, second] = [trial.run(0, eve, 0), trial.run(0, ben, 1, 1)]
const [third, fourth] = [trial.run(0, fay, 2), trial.run(0, ada, 3, 1)]
const reopen = trial.reopen(0)

/** Ben's result was accepted, against Eve's, and then opened again. */
function reopened(): State {
  const verdict = trial.accept(0, [first, second], [1], { flavour: 1 })
  return learnt([...trial.admitted, [first.fact, second.fact], verdict, reopen])
}

describe('a unit', () => {
  test('is opened again once it was accepted, and before it is final', () => {
    const verdict = trial.accept(0, [first], [0])
    const state = learnt([...trial.admitted, first.fact])
    refused(state, [reopen], 'what is reopened is decided')
    refused(state, [trial.reopen(2)], 'one of its job')
    const [said, earns] = verdict as [Fact, Fact]
    refused(state, [said, reopen, earns], 'stands before its unit is reopened')
    take(state, verdict)
    expect(state.jobs.get(trial.id)).toMatchObject({ undecided: 1, accepted: 1, held: 1 })
    take(state, [reopen])
    expect(state.jobs.get(trial.id)).toMatchObject({ undecided: 2, accepted: 0, held: 1 })
    refused(state, [reopen], 'what is reopened is decided')
    take(state, [...trial.accept(0, [], [0], { earning: [] }), reopen])
    take(state, trial.accept(0, [], [0], { earning: [] }))
    take(state, [trial.settle(0, 0, accountOf(eve.id))], 2000)
    refused(state, [reopen], 'and not final', 2000)
    expect(isAtRest(state)).toBe(false)
    take(state, [trial.end(1), { type: 'end', job: trial.id, as: 'final' }], 2000)
    expect(isAtRest(state)).toBe(true)
  })

  test('is opened again no more when something of it was settled', () => {
    const state = learnt([...trial.admitted, [first.fact, third.fact]])
    take(state, trial.accept(0, [first, third], [0, 2]))
    take(state, [trial.settle(0, 0, accountOf(eve.id))], 2000)
    refused(state, [reopen], 'stays as it was decided', 2000)
  })

  test('that nobody won is opened again no more, nor one of a job that is cancelled', () => {
    const state = reopened()
    take(state, [trial.end(0)])
    refused(state, [reopen], 'was accepted')
    const other = learnt([...trial.admitted, first.fact, trial.accept(0, [first], [0])])
    take(other, [{ type: 'cancel', request: request(ada, 1, { type: 'cancel', job: trial.id }) }])
    refused(other, [reopen], 'cancelled is decided')
  })

  test('takes receipts in slots that were not opened, and those that were forgotten', () => {
    const state = reopened()
    refused(state, [first.fact], 'one receipt')
    take(state, [third.fact])
    refused(state, [third.fact], 'one receipt')
    refused(state, trial.accept(0, [], [0]), 'sealed in this epoch')
    refused(state, trial.accept(0, [first, third], [0, 2], { flavour: 0 }), 'opened once')
  })
})

describe('another verdict', () => {
  test('is by all votes, and pays who wins now', () => {
    const state = reopened()
    take(state, [third.fact])
    refused(state, trial.accept(0, [third], [2], { earning: [2] }), 'the comparison takes')
    take(state, trial.accept(0, [third], [0, 2], { referees: [2], struck: [1] }))
    expect(balanceOf(state, mint)).toBe(-3 * earnedMicro)
    refused(state, [trial.settle(0, 1, accountOf(ben.id))], 'goes back', 2000)
    take(state, [trial.settle(0, 1, mint)])
    take(
      state,
      [
        trial.settle(0, 0, accountOf(eve.id)),
        trial.settle(0, 2, accountOf(fay.id)),
        trial.end(1),
        { type: 'end', job: trial.id, as: 'final' },
      ],
      2000,
    )
    expect(balanceOf(state, mint)).toBe(-2 * earnedMicro)
  })

  test('pays nobody twice', () => {
    const state = reopened()
    take(state, [fourth.fact])
    const both = { flavour: 1 } as const
    refused(state, trial.accept(0, [fourth], [1, 3], both), 'with its verdict, once')
    take(state, trial.accept(0, [fourth], [1, 3], { ...both, earning: [3] }))
    expect(balanceOf(state, trial.hold(0, 1))).toBe(earnedMicro)
    expect(state.units.get(trial.id, 0)).toMatchObject({ held: 2 })
  })

  test('says since when what was earned is held', () => {
    const state = learnt([...trial.admitted, first.fact, trial.accept(0, [first], [0])])
    take(state, [reopen], 900)
    const settle = trial.settle(0, 0, accountOf(eve.id))
    refused(state, [settle], 'what is open is not settled', 2000)
    take(state, trial.accept(0, [], [0], { earning: [] }), 1500)
    refused(state, [settle], 'when audits are over', 2000)
    take(state, [settle], 2500)
  })

  test('counts a pass and a strike once in a unit, and takes none back', () => {
    const state = reopened()
    const of = (node: typeof eve) => state.reputations.get(node.id, 'wasm')
    expect(of(ben)).toEqual({ vouched: 0, passes: 1, strikes: 0 })
    take(state, [third.fact])
    take(state, trial.accept(0, [third], [0, 2], { struck: [1] }))
    take(state, [reopen])
    take(state, trial.accept(0, [], [0, 2], { struck: [1], earning: [] }))
    expect(of(ben)).toEqual({ vouched: 0, passes: 1, strikes: 1 })
    expect(of(eve)).toEqual({ vouched: 1, passes: 1, strikes: 0 })
    take(state, [reopen])
    take(state, trial.accept(0, [], [1], { flavour: 1, struck: [0], earning: [] }))
    expect(of(ben)).toEqual({ vouched: 0, passes: 1, strikes: 1 })
    expect(of(eve)).toEqual({ vouched: 0, passes: 1, strikes: 1 })
    take(state, [reopen])
    take(state, trial.accept(0, [], [0, 2], { struck: [1], earning: [] }))
    expect(of(ben)).toEqual({ vouched: 0, passes: 1, strikes: 1 })
    expect(of(eve)).toEqual({ vouched: 0, passes: 1, strikes: 1 })
  })

  test('that accepts nothing sends all back', () => {
    for (const how of ['expired', 'split', 'cancelled'] as const) {
      const state = reopened()
      take(state, [trial.end(0, how)])
      refused(state, [trial.settle(0, 1, accountOf(ben.id))], 'goes back', 2000)
      take(state, [trial.settle(0, 1, mint)])
      expect(balanceOf(state, mint)).toBe(0)
      expect(state.done.get(trial.id, 0)?.bits[0]).toBe(1)
    }
  })

  test('is needed before what was earned goes back, of a job that is cancelled too', () => {
    const state = reopened()
    take(state, [{ type: 'cancel', request: request(ada, 1, { type: 'cancel', job: trial.id }) }])
    refused(state, [trial.settle(0, 1, mint)], 'what is open is not settled')
    take(state, [trial.end(0, 'cancelled'), trial.settle(0, 1, mint)])
    take(state, [{ type: 'end', job: trial.id, as: 'cancelled' }])
  })
})

test('what was metered of a unit is not metered again when it is open again', () => {
  const own = new Trial(1, 9)
  const rich = own.run(0, ada, 0)
  const state = learnt([...own.admitted, rich.fact, own.accept(0, [rich], [0])])
  take(state, [own.settle(0, 0, accountOf(ada.id))], 2000)
  const { id, fact } = jobFact(ada, 3, 1, 'docker', earnedMicro)
  const [escrow, hold] = [accounts.escrow(id), accounts.hold(id, 0, 0)]
  const fund = transfer({ type: 'fund', job: id }, accountOf(ada.id), escrow, earnedMicro)
  const execution = { job: id, unit: 0, slot: 0, epoch: 0, fence: 1 }
  const purpose: Purpose = { type: 'meter', ...execution, interval: 0 }
  const meter = transfer(purpose, escrow, hold, intervalMicro(0))
  const outcome = outcomeOf(id, 0, undefined)
  const receipt = receiptOf(eve, id, 0, 0, resultId(outcome))
  const decided = accepted(outcome, [0])
  const verdict: Fact = { type: 'verdict', job: id, unit: 0, decided, receipts: [receipt.signed] }
  take(state, [fact, fund, meter, receipt.fact, verdict, { type: 'reopen', job: id, unit: 0 }])
  refused(state, [meter], 'metered once')
  take(state, [{ ...verdict, receipts: [] }])
  take(state, [settleOf(purpose, hold, accountOf(eve.id), intervalMicro(0))], 9000)
})
