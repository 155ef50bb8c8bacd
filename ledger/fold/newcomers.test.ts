import { accounts, type Fact, type NodeId } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { learnt, refused, take } from '../test/steps.ts'
import { bondOf, earnedMicro, Trial } from '../test/trial.ts'
import { accountOf, delegationFact, peer } from '../test/world.ts'
import { balanceOf, type State } from './state.ts'

const [ada, ben, eve] = [peer(1), peer(2), peer(3)]
const trial = new Trial(101, 3)
const bens = accountOf(ben.id)

/** Ben and Eve, who is of the roster, agree on these units. */
function work(state: State, from: number, to: number): void {
  for (let unit = from; unit < to; unit++) {
    const runs = [trial.run(unit, ben, 0), trial.run(unit, eve, 1)]
    const sealed = runs.map(({ fact }) => fact)
    take(state, [...sealed, ...trial.accept(unit, runs, [0, 1])])
  }
}

describe('what a newcomer earned', () => {
  test('waits for its hundredth vouched pass, and the job does not', () => {
    const short = new Trial(1, 2)
    const runs = [short.run(0, ben, 0), short.run(0, eve, 1)]
    const sealed = runs.map(({ fact }) => fact)
    const state = learnt([...short.admitted, ...sealed, short.accept(0, runs, [0, 1])])
    refused(state, [short.settle(0, 0, bens)], 'what a newcomer earns waits', 2000)
    const elsewhere = accounts.bond(eve.id as NodeId)
    refused(state, [short.settle(0, 0, elsewhere)], 'what a newcomer earns waits', 2000)
    refused(state, [short.settle(0, 1, elsewhere)], 'goes to its owner', 2000)
    const end: Fact = { type: 'end', job: short.id, as: 'final' }
    const settled = [short.settle(0, 0, bondOf(ben)), short.settle(0, 1, accountOf(eve.id))]
    take(state, [...settled, end], 2000)
    expect(balanceOf(state, bondOf(ben))).toBe(earnedMicro)
    take(state, trial.admitted)
    work(state, 0, 98)
    refused(state, [short.release(0, 0, ben, bens)], 'what a newcomer earned waits')
    work(state, 98, 99)
    refused(state, [short.release(0, 0, ben, accountOf(eve.id))], 'goes to its owner')
    take(state, [short.release(0, 0, ben, bens)])
    refused(state, [short.release(0, 0, ben, bens)], 'settled once')
    expect(balanceOf(state, bens)).toBe(earnedMicro)
  })

  test('is paid at once where it has shown itself by then', () => {
    const state = learnt(trial.admitted)
    work(state, 0, 100)
    take(state, [trial.settle(0, 0, bens)], 2000)
    refused(state, [trial.settle(1, 0, bondOf(ben))], 'goes to its owner', 2000)
    const wrong = [trial.run(100, ben, 0, 1), trial.run(100, eve, 1)]
    const sealed = wrong.map(({ fact }) => fact)
    take(state, [...sealed, ...trial.accept(100, wrong, [1], { struck: [0] })])
    refused(state, [trial.settle(1, 0, bens)], 'what a newcomer earns waits', 2000)
    take(state, [trial.settle(1, 0, bondOf(ben))], 2000)
  })

  test('is for the owner that the node had, who may be of the roster', () => {
    const ours = delegationFact(ada, ben, 5, 1000)
    const state = learnt([...trial.admitted, ours])
    work(state, 0, 1)
    take(state, [delegationFact(peer(5), ben, 6, 1000)])
    take(state, [trial.settle(0, 0, accountOf(ada.id))], 2000)
  })
})

test('an anchor vouches for others, and not for itself', () => {
  const state = learnt(trial.admitted)
  work(state, 0, 1)
  expect(state.reputations.get(ben.id, 'wasm')).toEqual({ vouched: 1, passes: 1, strikes: 0 })
  expect(state.reputations.get(eve.id, 'wasm')).toEqual({ vouched: 0, passes: 1, strikes: 0 })
})

describe('newcomers alone', () => {
  const nodes = Array.from({ length: 7 }, (_, i) => peer(20 + i))

  function agreed(count: number): State {
    const runs = nodes.slice(0, count).map((node, slot) => trial.run(0, node, slot))
    const state = learnt([...trial.admitted, runs.map(({ fact }) => fact)])
    const slots = runs.map((_, slot) => slot)
    take(state, trial.accept(0, runs, slots))
    return state
  }

  test('vouch for each other where seven of them agree', () => {
    const of = (state: State) => nodes.map((node) => state.reputations.get(node.id, 'wasm'))
    expect(of(agreed(6))[0]).toEqual({ vouched: 0, passes: 1, strikes: 0 })
    for (const one of of(agreed(7))) expect(one).toEqual({ vouched: 1, passes: 1, strikes: 0 })
  })
})
