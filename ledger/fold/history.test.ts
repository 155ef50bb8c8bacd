import {
  type Account,
  accounts,
  type Digest,
  type Fact,
  factSchema,
  purposeSchema,
  reopen,
  transferId,
  unitText,
} from '@nexapod/specs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { frozen, Thaw } from '../state/frozen.ts'
import { history } from '../test/histories.ts'
import type { Step } from '../test/side.ts'
import { learn, stateRoot } from './learn.ts'
import { balanceOf, emptyState, type State } from './state.ts'

/** The model: balances are what the transfers say, and nothing else is known. */
class Model {
  readonly balances = new Map<Account, number>()
  readonly transfers = new Set<string>()
  readonly chain: string

  constructor(chain: string) {
    this.chain = chain
  }

  learn(fact: Fact): void {
    if (fact.type !== 'transfer') return
    const id = transferId(fact.purpose)
    expect(this.transfers.has(id)).toBe(false)
    this.transfers.add(id)
    this.#add(fact.from, -fact.micro)
    this.#add(fact.to, fact.micro)
  }

  check(state: State): void {
    let sum = 0
    for (const [account, micro] of this.balances) {
      expect(balanceOf(state, account)).toBe(micro)
      const mayOwe = account === accounts.mint || account.endsWith(`/${this.chain}`)
      if (!mayOwe) expect(micro, account).toBeGreaterThanOrEqual(0)
      sum += micro
    }
    expect(sum).toBe(0)
  }

  #add(account: Account, micro: number): void {
    this.balances.set(account, (this.balances.get(account) ?? 0) + micro)
  }
}

const choices = fc.array(fc.nat({ max: 2 ** 30 }), { maxLength: 1200, size: 'max' })

/** A failure is shrunk for so long, and then shown as it is. */
const interruptAfterTimeLimit = 20_000

/** A fixed list of choices. */
function listOf(seed: number): number[] {
  let last = seed
  return Array.from({ length: 3000 }, () => {
    last ^= last << 13
    last ^= last >>> 17
    last ^= last << 5
    return last >>> 0
  })
}

function takenOf(steps: Iterable<Step>, side: number): Step[] {
  return [...steps].filter((step) => step.side === side && step.refusal === undefined)
}

describe('random histories', () => {
  test('take what is right and refuse what is not, without a trace', () => {
    fc.assert(
      fc.property(choices, (list) => {
        const roots: Digest[] = []
        for (const { right, refusal, root, side, entry } of history(list)) {
          const said = JSON.stringify([entry.facts.map((fact) => fact.type), refusal])
          expect(refusal === undefined, said).toBe(right)
          if (!right) expect(root).toBe(roots[side])
          roots[side] = root
        }
      }),
      { numRuns: 40, interruptAfterTimeLimit },
    )
  })

  test('sum to 0, agree with the model, owe nothing, and pay for nothing twice', () => {
    fc.assert(
      fc.property(choices, (list) => {
        const taken = takenOf(history(list), 0)
        const state = emptyState()
        const model = new Model(taken[0]?.entry.chain ?? '')
        for (const { entry, governance } of taken) {
          expect(learn(state, entry, governance).ok).toBe(true)
          for (const fact of entry.facts) model.learn(fact)
          model.check(state)
        }
      }),
      { numRuns: 20, interruptAfterTimeLimit },
    )
  })

  test('fold to the same roots whenever they are asked for, verified or reopened', () => {
    fc.assert(
      fc.property(choices, fc.integer({ min: 1, max: 9 }), (list, often) => {
        const taken = takenOf(history(list), 0)
        const state = emptyState()
        for (const [i, { entry, governance, root }] of taken.entries()) {
          expect(learn(state, entry, governance, reopen).ok).toBe(true)
          // When a checkpoint is made must not show in the next one.
          if (i % often === 0) expect(stateRoot(state)).toBe(root)
        }
        expect(stateRoot(state)).toBe(taken.at(-1)?.root)
      }),
      { numRuns: 20, interruptAfterTimeLimit },
    )
  })

  test('go on from a state that was frozen anywhere as if it had not been', () => {
    fc.assert(
      fc.property(choices, fc.nat(), (list, at) => {
        const taken = takenOf(history(list), 0)
        const living = emptyState()
        const cut = at % taken.length
        const learnt = (state: State, { entry, governance }: Step) => {
          expect(learn(state, entry, governance, reopen).ok).toBe(true)
          return stateRoot(state)
        }
        for (const step of taken.slice(0, cut)) learnt(living, step)
        const parts = frozen(living)
        const ahead = taken.slice(cut).map((step) => learnt(living, step))
        const thaw = new Thaw()
        for (const part of parts) expect(thaw.take(part).ok).toBe(true)
        const thawed = thaw.end()
        if (!thawed.ok) throw new Error(thawed.refusal.code)
        expect(taken.slice(cut).map((step) => learnt(thawed.value, step))).toEqual(ahead)
      }),
      { numRuns: 30, interruptAfterTimeLimit },
    )
  })

  test('have every kind of fact, transfer, verdict and end in them', () => {
    const seen = new Set<string>()
    for (let seed = 1; seed <= 24; seed++) {
      const pasts = [new Set<string>(), new Set<string>()]
      for (const { entry, refusal, side } of history(listOf(seed))) {
        if (refusal !== undefined) continue
        const names = entry.facts.flatMap((fact) => namesOf(fact, pasts[side] as Set<string>))
        for (const name of names) seen.add(name)
      }
    }
    const typesOf = (json: typeof factSchema.json) => {
      const variants = json.oneOf as readonly { properties: { type: { const: string } } }[]
      return variants.map(({ properties }) => properties.type.const)
    }
    const ends = ['final', 'dead', 'cancelled']
    const decisions = ['accepted', 'poisoned', 'expired', 'split', 'cancelled']
    const lists = ['referees', 'struck', 'banned']
    const wanted = [
      ...typesOf(factSchema.json),
      ...typesOf(purposeSchema.json).map((type) => `transfer ${type}`),
      ...ends.map((as) => `end ${as}`),
      ...decisions.map((type) => `verdict ${type}`),
      ...lists.map((list) => `verdict with ${list}`),
      ...['hold to owner', 'hold to bond', 'hold to mint', 'hold to escrow'],
      ...['bond to owner', 'bond to slash', 'kept to owner', 'kept to slash'],
      ...decisions.map((type) => `again ${type}`),
    ]
    expect(wanted.filter((name) => !seen.has(name))).toEqual([])
  })
})

/** What a fact is an instance of, after what happened in the past. */
function namesOf(fact: Fact, past: Set<string>): string[] {
  switch (fact.type) {
    case 'transfer': {
      const { purpose, from, to } = fact
      const name = `transfer ${purpose.type}`
      if (purpose.type !== 'settle') return [fact.type, name]
      const [source, target] = [from, to].map((account) => account.split('/')[0])
      if (target === 'bond') past.add(transferId(purpose))
      return [fact.type, name, `${past.has(purpose.of) ? 'kept' : source} to ${target}`]
    }
    case 'reopen':
      past.add(unitText(fact.job, fact.unit))
      return [fact.type]
    case 'verdict': {
      const { decided, job, unit } = fact
      const names = [fact.type, `verdict ${decided.type}`]
      if (past.has(unitText(job, unit))) names.push(`again ${decided.type}`)
      if (decided.type !== 'accepted') return names
      const { referees, struck, banned } = decided
      const lists = Object.entries({ referees, struck, banned })
      const filled = lists.flatMap(([list, slots]) => (slots.length > 0 ? [list] : []))
      return [...names, ...filled.map((list) => `verdict with ${list}`)]
    }
    case 'end':
      return [fact.type, `end ${fact.as}`]
    default:
      return [fact.type]
  }
}
