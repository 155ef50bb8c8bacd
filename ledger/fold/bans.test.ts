import { accounts, type Fact, type NodeId, type OwnerId, type Purpose } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { learnt, refused, take } from '../test/steps.ts'
import { bondOf, Trial } from '../test/trial.ts'
import { accountOf, delegationFact, peer, request, settleOf, transfer } from '../test/world.ts'
import { balanceOf, type State } from './state.ts'

const [ben, eve, fay, gil, hal] = [peer(2), peer(3), peer(4), peer(10), peer(11)]
const { mint, slash } = accounts
const trial = new Trial(3)

/** Ben and Gil say one thing of the first unit, Hal another; Eve, of the roster, is right. */
const runs = [
  trial.run(0, eve, 0),
  trial.run(0, ben, 1, 1),
  trial.run(0, gil, 2, 1),
  trial.run(0, hal, 3, 2),
]
const sealed = runs.map(({ fact }) => fact)
const caught = trial.accept(0, runs, [0], { referees: [0], struck: [3], banned: [1, 2] })

function open(): State {
  return learnt([...trial.admitted, sealed])
}

describe('owners who were wrong together', () => {
  test('are banned, and struck for it', () => {
    const state = open()
    take(state, caught)
    for (const one of [ben, gil]) {
      expect(state.bans.get(one.id)).toEqual({ at: 10 })
      expect(state.reputations.get(one.id, 'wasm')).toMatchObject({ strikes: 1 })
    }
    expect(state.bans.get(hal.id)).toBeUndefined()
    take(state, [trial.reopen(0)])
    take(state, trial.accept(0, [], [0], { banned: [1], earning: [] }), 20)
    expect(state.bans.get(ben.id)).toEqual({ at: 10 })
    expect(state.reputations.get(ben.id, 'wasm')).toMatchObject({ strikes: 1 })
  })

  test('are banned only by a referee and a member of the roster', () => {
    const banned = [1, 2]
    refused(open(), trial.accept(0, runs, [0], { banned }), 'contradicts a referee')
    refused(open(), trial.accept(0, runs, [0], { banned, referees: [3] }), 'contradicts a referee')
    const strange = trial.accept(0, runs, [3], { flavour: 2, referees: [3], banned })
    refused(open(), strange, 'contradicts a member')
  })

  test('are two, wrong, and not of the roster', () => {
    const by = { referees: [0] }
    refused(open(), trial.accept(0, runs, [0], { ...by, banned: [3] }), 'wrong with another')
    refused(open(), trial.accept(0, runs, [0], { ...by, banned: [0, 1] }), 'agrees is not banned')
    const both = { ...by, banned: [1, 2], struck: [2] }
    refused(open(), trial.accept(0, runs, [0], both), 'struck by that')
    const ours = open()
    take(ours, [delegationFact(ben, gil, 5, 1000)])
    refused(ours, trial.accept(0, runs, [0], { ...by, banned: [1, 2] }), 'wrong with another')
    const theirs = open()
    take(theirs, [delegationFact(fay, gil, 5, 1000)])
    const member = trial.accept(0, runs, [0], { ...by, banned: [1, 2] })
    refused(theirs, member, 'a member of the roster is not banned')
  })

  test('are banned by a referee that an earlier verdict named', () => {
    const state = open()
    take(state, trial.accept(0, runs, [0], { referees: [0] }))
    take(state, [trial.reopen(0)])
    take(state, trial.accept(0, [], [0], { banned: [1, 2], earning: [] }))
    expect(state.units.get(trial.id, 0)).toMatchObject({
      votes: [
        { slot: 0, owner: eve.id, referee: true, wins: true, passed: true, struck: false },
        { slot: 1, owner: ben.id, referee: false, wins: false, passed: false, struck: true },
        { slot: 2, struck: true },
        { slot: 3, struck: false },
      ],
    })
  })
})

describe('who is banned', () => {
  const others = [trial.run(1, ben, 0), trial.run(1, eve, 1)]

  test('wins nothing more', () => {
    const state = open()
    take(state, caught)
    take(
      state,
      others.map(({ fact }) => fact),
    )
    refused(state, trial.accept(1, others, [0, 1]), 'with its verdict, once')
    take(state, trial.accept(1, others, [0, 1], { earning: [1] }))
    expect(state.reputations.get(ben.id, 'wasm')).toMatchObject({ passes: 0 })
    const alone = trial.run(2, ben, 0)
    take(state, [alone.fact])
    refused(state, trial.accept(2, [alone], [0], { earning: [] }), 'has a winner')
  })

  test('loses what is held for it, at once', () => {
    const state = open()
    take(state, [...others.map(({ fact }) => fact), ...trial.accept(1, others, [0, 1])])
    take(state, caught)
    refused(state, [trial.settle(1, 0, bondOf(ben))], 'goes back', 2000)
    take(state, [trial.settle(1, 0, mint)])
    take(state, [trial.settle(1, 1, accountOf(eve.id))], 2000)
  })

  test('loses its bonds, and nobody else does', () => {
    const state = open()
    take(state, [...others.map(({ fact }) => fact), ...trial.accept(1, others, [0, 1])])
    const eves = accountOf(eve.id)
    take(state, [trial.settle(1, 0, bondOf(ben)), trial.settle(1, 1, eves)], 2000)
    refused(state, [trial.release(1, 0, ben, slash)], 'goes to its owner', 2000)
    const node = hal.id as NodeId
    const word = request(eve, 1, { type: 'bond', node, micro: 700 }, 2000)
    const purpose: Purpose = { type: 'bond', node, count: 1 }
    take(state, [transfer(purpose, eves, accounts.bond(node), 700, word)], 2000)
    take(state, caught, 2000)
    const bens = accountOf(ben.id)
    refused(state, [trial.release(1, 0, ben, bens)], 'is forfeited', 2000)
    take(state, [trial.release(1, 0, ben, slash)], 2000)
    const back = (to: typeof slash): Fact => settleOf(purpose, accounts.bond(node), to, 700)
    refused(state, [back(slash)], 'goes to its owner', 2000)
    take(state, [back(eves)], 2000)
    expect(balanceOf(state, slash)).toBe(5000)
  })

  test('is an owner, whatever its nodes are owned by later', () => {
    const state = open()
    const ours = delegationFact(hal, gil, 5, 1000)
    take(state, [...others.map(({ fact }) => fact), ...trial.accept(1, others, [0, 1]), ours])
    take(state, caught)
    expect(state.bans.get(hal.id as string as OwnerId)).toEqual({ at: 10 })
    expect(state.bans.get(gil.id)).toBeUndefined()
  })
})
