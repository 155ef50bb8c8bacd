import { balanceOf, Ledger, stateRoot } from '@nexapod/ledger'
import {
  type Account,
  type AnswerMessage,
  accounts,
  type ChainId,
  type Checkpoint,
  type Code,
  type CoordinatorId,
  checkpointDocument,
  delegationDocument,
  type Execution,
  encode,
  type Fact,
  type FromCoordinator,
  type FromNode,
  fromCoordinator,
  type Job,
  type JobId,
  jobDocument,
  jobId,
  type Lease,
  leaseDocument,
  limits,
  type MeshId,
  type Offer,
  open,
  type Rates,
  type Request,
  reopen,
  requestDocument,
  revocationDocument,
  type Signed,
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
import {
  type Delivery,
  deliveryOf,
  genesisOf,
  jobFor,
  keyNamed,
  nodeNamed,
  noon,
  offerOf,
  ownerNamed,
  saidIn,
  usualRates,
} from './cast.ts'
import { holdInvariants } from './invariants.ts'

const kim = keyNamed('kim')

/** What a rig begins with beside its rate card. */
export interface Beginning {
  readonly rules?: Partial<Rules>
  /** The job that new nodes are tried with, on this chain. */
  readonly probes?: (chain: ChainId) => Probes
}

/** A lease as a node has it. */
export interface Leased {
  readonly signed: Signed<Lease>
  readonly lease: Lease
}

/** A coordinator with everybody around it, by name; what it says is kept in lists. */
export class Rig {
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
  /** The length of the longest step so far, in entries. */
  entriesInStepMax = 0
  /** The most facts that stood in one entry so far. */
  factsInEntryMax = 0
  readonly #streams = new Map<string, number>()
  readonly #lent = new Map<string, Partial<Offer>>()
  readonly #rates: Rates
  readonly #beginning: Beginning
  #probes: Probes | undefined
  #wakeAt = Number.POSITIVE_INFINITY
  #secrets = 0
  #opened = 0
  #calls = 0
  #jobs = 0
  #counter = 0

  constructor(rates: Partial<Rates> = {}, beginning: Beginning = {}) {
    this.#rates = { ...usualRates, ...rates }
    this.#beginning = beginning
    this.state = this.#begin(new Ledger(reopen), genesisOf(this.#rates))
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

  step(...events: Event[]): void {
    const moment = { at: this.at, time: noon + this.at }
    this.#perform(step(this.state, moment, events))
  }

  /** Lets time pass, with a tick whenever one was asked for. */
  pass(ms: number): void {
    const until = this.at + ms
    while (this.#wakeAt <= until) {
      this.at = Math.max(this.at, this.#wakeAt)
      this.#wakeAt = Number.POSITIVE_INFINITY
      this.step({ type: 'tick' })
    }
    this.at = until
    this.step({ type: 'tick' })
  }

  /** The process ends and another begins: what is on the disk is folded anew. */
  restart(): void {
    const ledger = new Ledger(reopen)
    for (const bytes of this.entries) {
      const taken = ledger.take(bytes)
      if (!taken.ok) throw new Error(`entry: ${taken.refusal.detail}`)
    }
    const root = stateRoot(ledger.state)
    if (root !== stateRoot(this.state.ledger.state)) throw new Error('another state came back')
    this.#streams.clear()
    this.hungUp.clear()
    this.#wakeAt = Number.POSITIVE_INFINITY
    this.state = this.#begin(ledger)
  }

  /** A node comes and says hello. */
  join(
    name: string,
    more: Partial<Offer> = {},
    network?: string,
    hello: Partial<Hello> = {},
  ): void {
    this.meet(name, network)
    this.#lent.set(name, more)
    this.tell(name, { type: 'hello', mesh: this.mesh, offer: offerOf(name, more), ...hello })
  }

  /** A node opens a stream, and says nothing yet. */
  meet(name: string, network = `net of ${name}`): void {
    const stream = ++this.#opened
    this.#streams.set(name, stream)
    this.said.set(name, [])
    this.hungUp.delete(name)
    this.step({ type: 'opened', stream, node: nodeNamed(name), network })
  }

  tell(name: string, ...messages: FromNode[]): void {
    const stream = this.#streams.get(name)
    if (stream === undefined) throw new Error(`${name} has no stream`)
    this.step({ type: 'heard', stream, messages })
  }

  close(...names: string[]): void {
    for (const name of names) {
      const stream = this.#streams.get(name)
      if (stream !== undefined) this.step({ type: 'closed', stream })
    }
  }

  /** What a node was told, of one type. */
  told<T extends FromCoordinator['type']>(name: string, type: T) {
    const is = (one: FromCoordinator): one is FromCoordinator & { type: T } => one.type === type
    return (this.said.get(name) ?? []).filter(is)
  }

  /** The codes of what a node was refused. */
  refusals(name: string): Code[] {
    return this.told(name, 'refuse').map(({ refusal }) => refusal.code)
  }

  /** The leases that a node was given and has not used. */
  leases(name: string): Leased[] {
    return this.told(name, 'lease').map(({ lease: signed }) => {
      const lease = open(leaseDocument, signed)
      if (!lease.ok) throw new Error('a lease does not open')
      return { signed, lease: lease.value }
    })
  }

  /** The one lease that a node was given and has not used. */
  lease(name: string): Leased {
    const leases = this.leases(name)
    if (leases.length !== 1) throw new Error(`${name} has ${leases.length} leases`)
    return leases[0] as Leased
  }

  /** What a node would bring for a lease. */
  delivery(name: string, { signed, lease }: Leased, says = 'right'): Delivery {
    const isDocker = this.state.jobs.get(lease.job)?.kind === 'docker'
    return deliveryOf(name, signed, lease, says, isDocker ? 'none' : undefined)
  }

  /** Delivers results for all leases of a node: what it says, by the unit. */
  deliverAll(name: string, says: (unit: number) => string = () => 'right'): Delivery[] {
    const deliveries = this.leases(name).map((one) =>
      this.delivery(name, one, says(one.lease.unit)),
    )
    const rest = (this.said.get(name) ?? []).filter(({ type }) => type !== 'lease')
    this.said.set(name, rest)
    for (let i = 0; i < deliveries.length; i += limits.perFrameMax) {
      this.tell(name, ...deliveries.slice(i, i + limits.perFrameMax))
    }
    return deliveries
  }

  /** Nodes offer and deliver all that they are given, until nobody is; then they offer nothing. */
  work(says: Readonly<Record<string, string | ((unit: number) => string)>>): void {
    for (let isBusy = true; isBusy; ) {
      isBusy = false
      for (const [name, what] of Object.entries(says)) {
        if (this.hungUp.has(name)) continue
        this.offer(name, { units: 64 })
        if (this.leases(name).length > 0) isBusy = true
        this.deliverAll(name, typeof what === 'string' ? () => what : what)
      }
    }
    for (const name of Object.keys(says)) if (!this.hungUp.has(name)) this.offer(name, { units: 0 })
  }

  /** A node lends something else, or as much again, of what it said when it came. */
  offer(name: string, more: Partial<Offer> = {}): void {
    const { units, ...lent } = this.#lent.get(name) ?? {}
    this.tell(name, { type: 'offer', offer: offerOf(name, { ...lent, ...more }) })
  }

  /** Publishes a job. */
  publish(more: Partial<Job> = {}, publisher = 'ada'): JobId {
    const signed = this.job(more, publisher)
    const answer = this.ask({ type: 'publish', job: signed })
    if (answer?.type !== 'done') throw new Error(`not admitted: ${codeOf(answer)}`)
    return jobId(signed)
  }

  ask(question: (Event & { readonly type: 'asked' })['question']): AnswerMessage | undefined {
    const call = this.#calls++
    this.step({ type: 'asked', call, question })
    return this.answers.get(call)
  }

  job(more: Partial<Job> = {}, publisher = 'ada'): Signed<Job> {
    const signer = keyNamed(publisher)
    return sign(jobDocument, { ...jobFor(this.chain, signer, this.#jobs++), ...more }, signer)
  }

  /** What a unit may use, with some of it set. */
  resources(more: Partial<Job['resources']>): Job['resources'] {
    return { ...jobFor(this.chain, kim, 0).resources, ...more }
  }

  /** Somebody asks for something; the answer's type, or the code of the refusal. */
  act(name: string, act: Request['act'], more: Partial<Request> = {}): string {
    const signer = keyNamed(name)
    const request: Request = {
      v: 1,
      from: signer.id,
      to: this.chain,
      epoch: this.state.epoch,
      counter: ++this.#counter,
      issued: noon + this.at,
      expires: noon + this.at + 60_000,
      act,
      ...more,
    }
    return codeOf(this.ask({ type: 'act', request: sign(requestDocument, request, signer) }))
  }

  delegation(owner: string, node: string, issued = noon + this.at, ms = 86_400_000) {
    const delegation = { owner: ownerNamed(owner), node: nodeNamed(node), issued }
    const all = { v: 1 as const, ...delegation, expires: issued + ms }
    return sign(delegationDocument, all, keyNamed(owner), keyNamed(node))
  }

  revocation(owner: string, node: string, issued = noon + this.at) {
    const revocation = { owner: ownerNamed(owner), node: nodeNamed(node), issued }
    const all = { v: 1 as const, ...revocation, by: 'owner' as const }
    return sign(revocationDocument, all, keyNamed(owner))
  }

  /** A quorum has cosigned all that there is. */
  cosign(): void {
    const { tip } = this.state.ledger.chain
    if (tip === undefined) return
    const { chain, epoch, size, head } = tip
    const checkpoint: Checkpoint = {
      v: 1,
      ...{ chain, epoch, size, head },
      coordinator: kim.id as CoordinatorId,
      root: this.state.ledger.chain.root(),
      state: stateRoot(this.state.ledger.state),
      time: noon,
    }
    const signed = sign(checkpointDocument, checkpoint, kim)
    this.step({ type: 'cosigned', checkpoint: signed, cosignatures: [], size })
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
      this.state.ledger.state.reputations.set(`${nodeNamed(name)}/wasm`, row)
      this.state.standings.delete(nodeNamed(name))
    }
    const { tables } = this.state.ledger.state
    tables.keep()
  }

  /** What is known of a node by the ledger, for modules. */
  standing(name: string) {
    return this.state.ledger.state.reputations.get(`${nodeNamed(name)}/wasm`)
  }

  #begin(ledger: Ledger, first?: Fact & { readonly type: 'genesis' }): State {
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
    const begun = begin(setting, ledger, rows, { at: this.at, time: noon + this.at })
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
    for (const [name, known] of this.#streams) if (known === stream) return name
    return ''
  }
}

type Hello = FromNode & { readonly type: 'hello' }

/** The code of a refusal, or the type of any other answer. */
export function codeOf(answer: AnswerMessage | undefined): string {
  if (answer === undefined) return 'nothing'
  return answer.type === 'refuse' ? answer.refusal.code : answer.type
}

/** Which execution a lease is of. */
export function named({ lease: { job, unit, slot, epoch, fence } }: Leased): Execution {
  return { job, unit, slot, epoch, fence }
}
