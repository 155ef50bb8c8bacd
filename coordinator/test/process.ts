import { balanceOf, Ledger, stateRoot } from '@nexapod/ledger'
import {
  type Account,
  type AnswerMessage,
  accounts,
  type ChainId,
  encode,
  type Fact,
  type FromCoordinator,
  fromCoordinator,
  type JobId,
  type MeshId,
  open,
  type Rates,
  reopen,
  type Seal,
  sealDocument,
  sign,
} from '@nexapod/specs'
import { begin } from '../core/begin.ts'
import type { NodeBook, Unit } from '../core/book.ts'
import type { Effect, News } from '../core/effect.ts'
import type { Event } from '../core/event.ts'
import { type Named, type Row, rowSchema } from '../core/row.ts'
import { type Probes, type Rules, type Setting, usualRules } from '../core/setting.ts'
import type { State } from '../core/state.ts'
import { step } from '../core/step.ts'
import { genesisOf, keyNamed, nodeNamed, noon, ownerNamed, saidIn, usualRates } from './cast.ts'
import { holdInvariants } from './invariants.ts'

const kim = keyNamed('kim')

/** What a rig begins with beside its rate card. */
export interface Beginning {
  readonly rules?: Partial<Rules>
  /** Which chain of its mesh it is; else the first. */
  readonly number?: number
  /** The job that new nodes are tried with, on this chain. */
  readonly probes?: (chain: ChainId) => Probes
}

/** A coordinator's process on its disk; what it asks to be done is done, and kept in lists. */
export class Process {
  state: State
  readonly entries: Uint8Array[] = []
  readonly facts: Fact[] = []
  readonly rows = new Map<string, Row>()
  readonly said = new Map<string, FromCoordinator[]>()
  readonly answers = new Map<number, AnswerMessage>()
  readonly news: News[] = []
  readonly compares: (Effect & { readonly type: 'compare' })[] = []
  readonly hungUp = new Set<string>()
  at = 0
  /** How often it was woken. */
  ticks = 0
  /** The length of the longest step so far, in entries. */
  entriesInStepMax = 0
  /** The most facts that stood in one entry so far. */
  factsInEntryMax = 0
  /** The streams of nodes by their names. */
  protected readonly streams = new Map<string, number>()
  readonly #rates: Rates
  readonly #beginning: Beginning
  #probes: Probes | undefined
  #wakeAt = Number.POSITIVE_INFINITY
  #secrets = 0
  #setBackMs = 0

  constructor(rates: Partial<Rates> = {}, beginning: Beginning = {}) {
    this.#rates = { ...usualRates, ...rates }
    this.#beginning = beginning
    this.state = this.#begin(new Ledger(reopen), genesisOf(this.#rates, beginning.number))
    if (beginning.probes === undefined) return
    // What is known of a job needs its chain: so it begins a second time.
    this.#probes = beginning.probes(this.chain)
    this.restart()
  }

  get chain(): ChainId {
    return this.state.chain
  }

  get mesh(): MeshId {
    return this.state.ledger.chain.tip?.governance.mesh as MeshId
  }

  /** What the clock on the wall says. */
  get wall(): number {
    return noon + this.at - this.#setBackMs
  }

  /** Sets the clock on the wall back. */
  setBack(ms: number): void {
    this.#setBackMs += ms
  }

  step(...events: Event[]): void {
    const moment = { at: this.at, time: this.wall }
    this.#perform(step(this.state, moment, events))
  }

  /** Lets time pass, with a tick whenever one was asked for. */
  pass(ms: number): void {
    const until = this.at + ms
    while (this.#wakeAt <= until) {
      this.at = Math.max(this.at, this.#wakeAt)
      this.#wakeAt = Number.POSITIVE_INFINITY
      this.ticks++
      this.step({ type: 'tick' })
    }
    this.at = until
    this.step({ type: 'tick' })
  }

  /** The roster ends the epoch where it stands, and the coordinator goes on with the next. */
  restartSealed(): void {
    const { tip } = this.state.ledger.chain
    if (tip === undefined) throw new Error('a chain begins with its genesis')
    const { chain, epoch, size, head, coordinator: successor } = tip
    const seal: Seal = {
      v: 1,
      chain,
      epoch,
      size,
      head,
      successor,
      issued: noon,
      signers: [successor],
    }
    this.restart({ type: 'seal', seal: sign(sealDocument, seal, kim) })
  }

  /** The process ends and another begins: what is on the disk is folded anew. */
  restart(first?: Setting['first']): void {
    const ledger = new Ledger(reopen)
    for (const bytes of this.entries) {
      const taken = ledger.take(bytes)
      if (!taken.ok) throw new Error(`entry: ${taken.refusal.detail}`)
    }
    const root = stateRoot(ledger.state)
    if (root !== stateRoot(this.state.ledger.state)) throw new Error('another state came back')
    this.streams.clear()
    this.hungUp.clear()
    this.#wakeAt = Number.POSITIVE_INFINITY
    this.state = this.#begin(ledger, first)
  }

  balance(account: Account): number {
    return balanceOf(this.state.ledger.state, account)
  }

  /** What an owner has. */
  credit(name: string): number {
    return this.balance(accounts.owner(ownerNamed(name)))
  }

  /** What a node has to show itself for yet. */
  bond(name: string): number {
    return this.balance(accounts.bond(nodeNamed(name)))
  }

  node(name: string): NodeBook | undefined {
    return this.state.nodes.get(nodeNamed(name))
  }

  unit(job: JobId, number = 0): Unit | undefined {
    return this.state.jobs.get(job)?.units.get(number)
  }

  /** The facts of a type, of one job if it is named. */
  factsOf<T extends Fact['type']>(type: T) {
    const is = (one: Fact): one is Fact & { type: T } => one.type === type
    return this.facts.filter(is)
  }

  /** How units of a job were decided, in the order of their verdicts. */
  verdicts(job: JobId): string[] {
    return this.factsOf('verdict').flatMap((fact) => (fact.job === job ? [fact.decided.type] : []))
  }

  /** How many units of a job were accepted last with what results, or died. */
  outcomes(job: JobId): Record<string, number> {
    const counts: Record<string, number> = {}
    const last = new Map<number, string>()
    for (const { job: id, unit, decided } of this.factsOf('verdict')) {
      if (id !== job) continue
      last.set(unit, decided.type === 'accepted' ? saidIn(decided.outcome) : decided.type)
    }
    for (const said of last.values()) counts[said] = (counts[said] ?? 0) + 1
    return counts
  }

  /** As if verdicts had said so of nodes. They did not: what begins again does not know it. */
  believe(vouched: number, ...names: string[]): void {
    const row = { vouched, passes: vouched, strikes: 0 }
    for (const name of names) {
      this.state.ledger.state.reputations.set(nodeNamed(name), 'wasm', row)
    }
    const { tables } = this.state.ledger.state
    tables.keep()
  }

  /** What is known of a node by the ledger, for modules. */
  standing(name: string) {
    return this.state.ledger.state.reputations.get(nodeNamed(name), 'wasm')
  }

  #begin(ledger: Ledger, first?: Setting['first']): State {
    const secret = new Uint8Array(32).fill(++this.#secrets)
    const setting: Setting = {
      signer: kim,
      open,
      secret,
      rules: { ...usualRules, ...this.#beginning.rules },
      ...(first === undefined ? {} : { first }),
      ...(this.#probes === undefined ? {} : { probes: this.#probes }),
    }
    const rows: Named[] = Array.from(this.rows, ([name, row]) => ({ name, row }))
    const begun = begin(setting, ledger, rows, { at: this.at, time: this.wall })
    this.state = begun.state
    this.#perform(begun.effects)
    return begun.state
  }

  #perform(effects: readonly Effect[]): void {
    for (const effect of effects) this.#do(effect)
    holdInvariants(this.state)
  }

  #do(effect: Effect): void {
    switch (effect.type) {
      case 'append':
        this.#append(effect)
        break
      case 'send':
        for (const message of effect.messages) encode(fromCoordinator, message)
        this.said.get(this.#nameOf(effect.stream))?.push(...effect.messages)
        break
      case 'hangUp':
        this.hungUp.add(this.#nameOf(effect.stream))
        break
      case 'answer':
        this.answers.set(effect.call, effect.answer)
        break
      case 'compare':
        this.compares.push(effect)
        break
      case 'wake':
        this.#wakeAt = effect.at
        break
      case 'tell':
        this.news.push(effect.news)
        break
    }
  }

  #append({ taken, rows }: Effect & { readonly type: 'append' }): void {
    this.entriesInStepMax = Math.max(this.entriesInStepMax, taken.length)
    for (const { bytes, entry } of taken) {
      this.entries.push(bytes)
      this.facts.push(...entry.facts)
      this.factsInEntryMax = Math.max(this.factsInEntryMax, entry.facts.length)
    }
    for (const { name, row } of rows) {
      if (row === undefined) this.rows.delete(name)
      else this.rows.set(name, row)
      if (row !== undefined) encode(rowSchema, row)
    }
  }

  #nameOf(stream: number): string {
    for (const [name, known] of this.streams) if (known === stream) return name
    return ''
  }
}
