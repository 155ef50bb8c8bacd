import { stateRoot } from '@nexapod/ledger'
import {
  type AnswerMessage,
  type Checkpoint,
  type Code,
  type CoordinatorId,
  checkpointDocument,
  delegationDocument,
  type Execution,
  type FromCoordinator,
  type FromNode,
  type Job,
  type JobId,
  jobDocument,
  jobId,
  type Lease,
  leaseDocument,
  limits,
  type Offer,
  open,
  type Request,
  requestDocument,
  revocationDocument,
  type Signed,
  sign,
} from '@nexapod/specs'
import type { Event } from '../core/event.ts'
import {
  type Delivery,
  deliveryOf,
  jobFor,
  keyNamed,
  nodeNamed,
  noon,
  offerOf,
  ownerNamed,
} from './cast.ts'
import { Process } from './process.ts'

const kim = keyNamed('kim')

/** A lease as a node has it. */
export interface Leased {
  readonly signed: Signed<Lease>
  readonly lease: Lease
}

/** A coordinator with everybody around it, by name. */
export class Rig extends Process {
  readonly #lent = new Map<string, Partial<Offer>>()
  #opened = 0
  #calls = 0
  #jobs = 0
  #counter = 0

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
    this.streams.set(name, stream)
    this.said.set(name, [])
    this.hungUp.delete(name)
    this.step({ type: 'opened', stream, node: nodeNamed(name), network })
  }

  tell(name: string, ...messages: FromNode[]): void {
    const stream = this.streams.get(name)
    if (stream === undefined) throw new Error(`${name} has no stream`)
    this.step({ type: 'heard', stream, messages })
  }

  close(...names: string[]): void {
    for (const name of names) {
      const stream = this.streams.get(name)
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

  /** A quorum has cosigned all that there is, or what it is said to have cosigned. */
  cosign(covered?: number): void {
    const { size } = this
    const event = { type: 'cosigned' as const, checkpoint: this.checkpoint(), cosignatures: [] }
    this.step({ ...event, size: covered ?? size })
  }

  /** How many entries the chain has. */
  get size(): number {
    return this.entries.length
  }

  /** Where the chain stands, signed by its coordinator: that is a quorum. */
  checkpoint(): Signed<Checkpoint> {
    const { tip } = this.state.ledger.chain
    if (tip === undefined) throw new Error('a chain begins with its genesis')
    const { chain, epoch, size, head } = tip
    const checkpoint: Checkpoint = {
      v: 1,
      ...{ chain, epoch, size, head },
      coordinator: kim.id as CoordinatorId,
      root: this.state.ledger.chain.root(),
      state: stateRoot(this.state.ledger.state),
      time: noon,
    }
    return sign(checkpointDocument, checkpoint, kim)
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
