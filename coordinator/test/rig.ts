import { Ledger, stateRoot } from '@nexapod/ledger'
import {
  type AnswerMessage,
  type ChainId,
  type Checkpoint,
  type CoordinatorId,
  checkpointDocument,
  cidOf,
  type Entry,
  ed25519,
  type Fact,
  type FromCoordinator,
  type FromNode,
  type Job,
  type JobId,
  jobDocument,
  jobId,
  type Lease,
  leaseDocument,
  type Manifest,
  type MeshId,
  meshDocument,
  meshId,
  type NodeId,
  type Offer,
  open,
  type PublisherId,
  type Rates,
  receiptDocument,
  reopen,
  resultId,
  type Signed,
  type Signer,
  sha256,
  sign,
} from '@nexapod/specs'
import { begin } from '../core/begin.ts'
import type { Effect, News } from '../core/effect.ts'
import type { Event } from '../core/event.ts'
import type { Named, Row } from '../core/row.ts'
import { type Setting, usualRules } from '../core/setting.ts'
import type { State } from '../core/state.ts'
import { step } from '../core/step.ts'

/** The key of somebody by name. */
export function keyNamed(name: string): Signer {
  return ed25519.signer(sha256(new TextEncoder().encode(`nexapod coordinator test ${name}`)))
}

/** 2026-11-20T12:00:00Z, when tests begin. */
export const noon = 1_795_176_000_000

const kim = keyNamed('kim')
const usualRates: Rates = {
  microPerGigafuel: 1000,
  microPerCoreSecond: 10,
  microPerGpuSecond: 10,
  bondMicro: 0,
  auditPermille: 0,
  settleMs: 60_000,
  apart: 'owners',
}

/** A coordinator with everybody around it, by name; what it says is kept in lists. */
export class Rig {
  state: State
  readonly entries: Uint8Array[] = []
  readonly rows = new Map<string, Row>()
  readonly said = new Map<string, FromCoordinator[]>()
  readonly answers = new Map<number, AnswerMessage>()
  readonly news: News[] = []
  readonly compares: (Effect & { readonly type: 'compare' })[] = []
  readonly hungUp = new Set<string>()
  at = 0
  readonly #streams = new Map<string, number>()
  readonly #rates: Rates
  #secrets = 0
  #calls = 0
  #jobs = 0

  constructor(rates: Partial<Rates> = {}) {
    this.#rates = { ...usualRates, ...rates }
    this.state = this.#begin(new Ledger(reopen), this.#genesis())
  }

  get chain(): ChainId {
    return this.state.chain
  }

  get mesh(): MeshId {
    return this.state.ledger.chain.tip?.governance.mesh as MeshId
  }

  /** All facts so far. */
  get facts(): Fact[] {
    const ledger = new Ledger(reopen)
    return this.entries.flatMap((bytes) => {
      const taken = ledger.take(bytes)
      if (!taken.ok) throw new Error(`entry: ${taken.refusal.detail}`)
      return (taken.value.entry as Entry).facts
    })
  }

  /** The root of the living state. */
  get root(): string {
    return stateRoot(this.state.ledger.state)
  }

  step(...events: Event[]): void {
    const moment = { at: this.at, time: noon + this.at }
    this.#perform(step(this.state, moment, events))
  }

  /** Lets time pass, with a tick whenever one was asked for. */
  pass(ms: number): void {
    const until = this.at + ms
    while (this.state.wakeAt <= until) {
      this.at = Math.max(this.at, this.state.wakeAt)
      this.step({ type: 'tick' })
    }
    this.at = until
    this.step({ type: 'tick' })
  }

  /** All that is not on the disk is gone; the state is folded anew. */
  restart(): void {
    const ledger = new Ledger(reopen)
    for (const bytes of this.entries) {
      const taken = ledger.take(bytes)
      if (!taken.ok) throw new Error(`entry: ${taken.refusal.detail}`)
    }
    const root = stateRoot(ledger.state)
    if (root !== this.root) throw new Error('another state came back')
    this.#streams.clear()
    this.hungUp.clear()
    this.state = this.#begin(ledger)
  }

  /** A node comes and says hello. */
  join(name: string, more: Partial<Offer> = {}, network = `net of ${name}`): void {
    const stream = this.#streams.size + 1000 * this.#secrets
    this.#streams.set(name, stream)
    this.said.set(name, [])
    const node = keyNamed(name).id as NodeId
    this.step({ type: 'opened', stream, node, network })
    this.tell(name, { type: 'hello', mesh: this.mesh, offer: offerOf(name, more) })
  }

  tell(name: string, ...messages: FromNode[]): void {
    const stream = this.#streams.get(name)
    if (stream === undefined) throw new Error(`${name} has no stream`)
    this.step({ type: 'heard', stream, messages })
  }

  close(name: string): void {
    const stream = this.#streams.get(name)
    if (stream !== undefined) this.step({ type: 'closed', stream })
  }

  /** The leases that a node was given and has not used. */
  leases(name: string): { signed: Signed<Lease>; lease: Lease }[] {
    return (this.said.get(name) ?? []).flatMap((message) => {
      if (message.type !== 'lease') return []
      const lease = open(leaseDocument, message.lease)
      if (!lease.ok) throw new Error('a lease does not open')
      return [{ signed: message.lease, lease: lease.value }]
    })
  }

  /** Delivers results for all leases of a node: what it says, by the unit. */
  deliverAll(name: string, says: (unit: number) => string = () => 'right'): void {
    const leases = this.leases(name)
    const rest = (this.said.get(name) ?? []).filter(({ type }) => type !== 'lease')
    this.said.set(name, rest)
    this.tell(
      name,
      ...leases.map(({ signed, lease }) => deliveryOf(name, signed, lease, says(lease.unit))),
    )
  }

  offer(name: string, more: Partial<Offer> = {}): void {
    this.tell(name, { type: 'offer', offer: offerOf(name, more) })
  }

  /** Publishes a job. */
  publish(more: Partial<Job> = {}, publisher = 'ada'): JobId {
    const signed = this.job(more, publisher)
    this.ask({ type: 'publish', job: signed })
    return jobId(signed)
  }

  ask(question: (Event & { readonly type: 'asked' })['question']): AnswerMessage | undefined {
    const call = this.#calls++
    this.step({ type: 'asked', call, question })
    return this.answers.get(call)
  }

  job(more: Partial<Job> = {}, publisher = 'ada'): Signed<Job> {
    const signer = keyNamed(publisher)
    const job = { ...jobFor(this.chain, signer, this.#jobs++), ...more }
    return sign(jobDocument, job, signer)
  }

  /** A quorum has cosigned all that there is. */
  cosign(): void {
    const { tip: stand } = this.state.ledger.chain
    if (stand === undefined) return
    const { chain, epoch, size, head } = stand
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

  #begin(ledger: Ledger, first?: Fact & { readonly type: 'genesis' }): State {
    const secret = sha256(new Uint8Array([++this.#secrets]))
    const setting: Setting = {
      signer: kim,
      open,
      secret,
      rules: usualRules,
      ...(first === undefined ? {} : { first }),
    }
    const rows: Named[] = Array.from(this.rows, ([name, row]) => ({ name, row }))
    const begun = begin(setting, ledger, rows, { at: this.at, time: noon + this.at })
    this.state = begun.state
    this.#perform(begun.effects)
    return begun.state
  }

  #genesis(): Fact & { readonly type: 'genesis' } {
    const mesh = sign(
      meshDocument,
      {
        v: 1,
        name: 'rig',
        founded: noon,
        nonce: new Uint8Array(16),
        members: [{ coordinator: kim.id as CoordinatorId, addresses: [] }],
        quorum: 1,
        rates: this.#rates,
        bootstrap: [],
      },
      kim,
    )
    if (meshId(mesh) === undefined) throw new Error('no mesh')
    return {
      type: 'genesis',
      mesh,
      coordinator: kim.id as CoordinatorId,
      nonce: new Uint8Array(16),
    }
  }

  #perform(effects: readonly Effect[]): void {
    for (const effect of effects) this.#do(effect)
  }

  #do(effect: Effect): void {
    switch (effect.type) {
      case 'append':
        for (const { bytes } of effect.taken) this.entries.push(bytes)
        for (const { name, row } of effect.rows) {
          if (row === undefined) this.rows.delete(name)
          else this.rows.set(name, row)
        }
        break
      case 'send':
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
      case 'tell':
        this.news.push(effect.news)
        break
      default:
        break
    }
  }

  #nameOf(stream: number): string {
    for (const [name, known] of this.#streams) if (known === stream) return name
    return ''
  }
}

/** What a small machine offers: eight units at once, if nothing else is said. */
export function offerOf(name: string, more: Partial<Offer> = {}): Offer {
  return {
    v: 1,
    node: keyNamed(name).id as NodeId,
    tier: 'cpu',
    platform: { os: 'linux', arch: 'x86_64' },
    cores: 8,
    ramBytes: 16e9,
    diskBytes: 1e11,
    gpus: [],
    executors: [
      { type: 'wasm', profile: 1, fuelPerSecond: 1e9 },
      { type: 'docker', isolation: 'runc', anyImage: true },
    ],
    units: 8,
    windowMs: 8 * 3_600_000,
    projects: [],
    avoids: { projects: [], publishers: [] },
    has: [],
    ...more,
  }
}

/** What a node brings for a lease, with a result by name; `!` in front says that it failed. */
export function deliveryOf(
  name: string,
  signed: Signed<Lease>,
  lease: Lease,
  says: string,
): FromNode & { readonly type: 'deliver' } {
  const { chain, job, unit, slot, epoch, fence, node } = lease
  const manifest = manifestOf(job, unit, says)
  const salt = sha256(new TextEncoder().encode(`${name} ${fence}`))
  const receipt = sign(
    receiptDocument,
    {
      ...{ v: 1, chain, job, unit, slot, epoch, fence, node, salt },
      result: resultId(manifest.outcome),
      issued: noon,
    },
    keyNamed(name),
  )
  return { type: 'deliver', lease: signed, receipt, manifest }
}

function manifestOf(job: JobId, unit: number, says: string): Manifest {
  const cid = cidOf('raw', sha256(new TextEncoder().encode(`${unit} ${says}`)))
  return {
    outcome: {
      ...{ v: 1, job, unit },
      ended: { type: 'exit', executor: 0, code: says.startsWith('!') ? 1 : 0 },
      fuel: 2_000_000_000,
      outputs: [{ path: '/out/a', cid, bytes: 1 }] as Manifest['outcome']['outputs'],
    },
    whole: [],
    remarks: { wallMs: 10, cpuMs: 10, ramBytesPeak: 1000 },
  }
}

function jobFor(home: ChainId, { id }: Signer, number: number): Job {
  const nonce = new Uint8Array(16)
  new DataView(nonce.buffer).setUint32(0, number + 1)
  return {
    v: 1,
    home,
    publisher: id as PublisherId,
    nonce,
    issued: noon,
    expires: noon + 1_000_000_000,
    name: `job ${number}`,
    tags: {},
    executors: [
      {
        type: 'wasm',
        module: cidOf('raw', sha256(new Uint8Array(1))),
        command: [],
        env: {},
        ignoreError: false,
      },
    ],
    inputs: [],
    outputs: [{ kind: 'file', path: '/out/a' }] as Job['outputs'],
    volumes: [],
    resources: {
      cores: 1,
      ramBytes: 1e9,
      diskBytes: 1e9,
      gpus: 0,
      gpuRamBytes: 0,
      fuel: 1e12,
      unitMs: 3_600_000,
    },
    compare: [],
    priority: 5,
  }
}
