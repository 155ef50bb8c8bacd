import { type Account, accounts, type Fact, type JobId, type Signer } from '@nexapod/specs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  accountOf,
  entryOf,
  governance,
  jobFact,
  peer,
  transfer,
  unitFacts,
} from '../test/world.ts'
import { learn, stateRoot } from './learn.ts'
import { balanceOf, emptyState, type State } from './state.ts'

/** The model: balances are what the transfers say, and nothing else is known. */
class Model {
  readonly balances = new Map<Account, number>()

  learn(fact: Fact): void {
    if (fact.type !== 'transfer') return
    this.#add(fact.from, -fact.micro)
    this.#add(fact.to, fact.micro)
  }

  #add(account: Account, micro: number): void {
    this.balances.set(account, (this.balances.get(account) ?? 0) + micro)
  }
}

/** A coordinator that does one thing after the other, as a list of choices says. */
class Coordinator {
  readonly state: State = emptyState()
  readonly model = new Model()
  readonly entries: { facts: readonly Fact[]; time: number }[] = []
  readonly #open: { job: JobId; unit: number }[] = []
  readonly #unsettled: { settle: (to: Account) => Fact; node: Signer; at: number }[] = []
  #time = 10
  #jobs = 0

  constructor() {
    this.take([{ type: 'fences', below: 1000 }])
  }

  take(facts: readonly Fact[]): boolean {
    const taken = learn(this.state, entryOf(facts, this.#time), governance).ok
    if (taken) {
      this.entries.push({ facts, time: this.#time })
      for (const fact of facts) this.model.learn(fact)
    }
    return taken
  }

  step(choice: number): void {
    this.#time += 1 + (choice % 700)
    const act = choice % 5
    if (act === 0 || this.#open.length + this.#unsettled.length === 0) this.#admit(choice)
    else if (act <= 2) this.#decide(choice)
    else if (act === 3) this.#settle(choice)
    else this.#attack(choice)
  }

  #admit(choice: number): void {
    const count = 1 + (choice % 4)
    const { fact, id } = jobFact(peer(choice % 3), this.#jobs++ % 256, count)
    if (!this.take([fact])) return
    for (let unit = 0; unit < count; unit++) this.#open.push({ job: id, unit })
  }

  #decide(choice: number): void {
    const unit = this.#open.shift()
    if (unit === undefined) return
    const nodes = [peer(10 + (choice % 7)), peer(20 + (choice % 7))]
    const made = unitFacts(unit.job, unit.unit, nodes, choice * 1_000_000)
    const earns = made.earnings.map((one) => one.earn)
    expect(this.take([...made.sealed, made.verdict, ...earns])).toBe(true)
    for (const [i, { settle }] of made.earnings.entries()) {
      this.#unsettled.push({ settle, node: nodes[i] as Signer, at: this.#time })
    }
  }

  #settle(choice: number): void {
    const due = this.#unsettled.splice(0, 1 + (choice % 3))
    for (const one of due) {
      const early = this.#time < one.at + governance.rates.settleMs
      expect(this.take([one.settle(accountOf(one.node.id))])).toBe(!early)
      if (early) this.#unsettled.push(one)
      // What was settled is settled: a second time is refused, whatever the time.
      else expect(this.take([one.settle(accountOf(one.node.id))])).toBe(false)
    }
  }

  /** Takes what is another's, or nobody's: none of it may be learnt. */
  #attack(choice: number): void {
    const mine = accountOf(peer(30).id)
    const victim = accountOf(peer(10 + (choice % 7)).id)
    const job = jobFact(peer(choice % 3), choice % 256, 1, 'docker', 1 + (choice % 9000))
    const escrow = accounts.escrow(job.id)
    const fund = transfer({ type: 'fund', job: job.id }, victim, escrow, 1 + (choice % 9000))
    const [first] = this.#unsettled
    expect(this.take([job.fact, fund])).toBe(false)
    if (first !== undefined) expect(this.take([first.settle(mine)])).toBe(false)
  }
}

describe('random histories', () => {
  const choices = fc.array(fc.nat({ max: 100_000 }), { minLength: 1, maxLength: 60 })

  test('sum to 0, agree with the model, stay at or above 0, and replay to the same root', () => {
    fc.assert(
      fc.property(choices, (history) => {
        const coordinator = new Coordinator()
        for (const choice of history) {
          coordinator.step(choice)
          let sum = 0
          for (const [account, micro] of coordinator.model.balances) {
            expect(balanceOf(coordinator.state, account)).toBe(micro)
            if (account !== accounts.mint) expect(micro).toBeGreaterThanOrEqual(0)
            sum += micro
          }
          expect(sum).toBe(0)
        }
        const replayed = emptyState()
        for (const [i, { facts, time }] of coordinator.entries.entries()) {
          expect(learn(replayed, entryOf(facts, time), governance).ok).toBe(true)
          // When a checkpoint is made must not show in the next one.
          if (i % 4 === 0) stateRoot(replayed)
        }
        expect(stateRoot(replayed)).toBe(stateRoot(coordinator.state))
      }),
      { numRuns: 60 },
    )
  })
})
