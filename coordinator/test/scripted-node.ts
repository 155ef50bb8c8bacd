import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AnswerTo,
  Asker,
  machineClock,
  type Opened,
  openStockedMesh,
  type StockedMesh,
} from '@nexapod/mesh'
import {
  type Answer,
  acknowledgementDocument,
  type FromCoordinator,
  type FromNode,
  type Lease,
  leaseDocument,
  limits,
  type MeshId,
  type NodeId,
  type Offer,
  open,
  type Question,
  type ReceiptId,
  receiptDocument,
  receiptId,
  resultId,
  type Signed,
  type Signer,
  signBatch,
} from '@nexapod/specs'
import { keyNamed, manifestOf, offerOf, outputOf, seedNamed } from './cast.ts'
import type { Script, Target } from './script.ts'
import { Told } from './told.ts'

export type { Script, Target }

type Delivery = FromNode & { readonly type: 'deliver' }

/**
 * A node without executors or a disk, over a real stream of a real mesh: it delivers what its
 * script says, remembers what it was told, and keeps its receipts until they are acknowledged.
 */
export class ScriptedNode extends Told implements AsyncDisposable {
  readonly signer: Signer
  readonly id: NodeId
  /** What it delivered and what was not acknowledged yet. */
  readonly unacknowledged = new Map<ReceiptId, Delivery>()
  readonly acknowledged = new Set<ReceiptId>()
  /** What it delivered and what was not decided yet, by unit and slot. */
  readonly kept = new Map<string, Delivery>()
  /** Executions that were decided, by unit and slot. */
  readonly decided = new Set<string>()
  delivered = 0
  readonly #mesh: StockedMesh
  readonly #name: string
  readonly #script: Script
  #target: Target
  #channel: Opened<'work'> | undefined
  #leases: Signed<Lease>[] = []
  #left = 0
  #isDue = false
  readonly #directory: string
  /** Outputs on their way to the disk, where the coordinator will look for them. */
  readonly #keeps: Promise<void>[] = []
  #asker: Asker | undefined
  #over = Promise.withResolvers<void>()

  private constructor(
    name: string,
    { mesh, directory }: { readonly mesh: StockedMesh; readonly directory: string },
    target: Target,
    script: Script,
  ) {
    super(name)
    this.#directory = directory
    this.#name = name
    this.#mesh = mesh
    this.#target = target
    this.#script = script
    this.signer = keyNamed(name)
    this.id = this.signer.id as NodeId
  }

  /** Opens a node in the mesh of a coordinator; it has not said anything yet. */
  static async open(name: string, target: Target, script: Script = {}): Promise<ScriptedNode> {
    const { mesh, coordinator } = target
    const directory = await mkdtemp(join(tmpdir(), 'nexapod-scripted-'))
    const opened = await openStockedMesh({
      data: { directory, bytesMax: 64 * 1024 * 1024, mayServe: () => true },
      ...{ mesh, seed: seedNamed(name), listen: [], known: target.addresses, now: Date.now },
      roster: [{ coordinator: coordinator as never, addresses: target.addresses }],
      openFork: () => {
        throw new Error('nobody forks here')
      },
    })
    // Who publishes a job has its data: this is the module that the jobs of tests name.
    const kept = { bytesMax: 1, pin: 'module', sealed: false }
    const module = await opened.data.importTree({ bytes: new Uint8Array(1) }, kept)
    if (!module.ok) throw new Error(module.refusal.code)
    return new ScriptedNode(name, { mesh: opened, directory }, target, script)
  }

  /** Opens a stream and says hello; whoever is not there yet is asked again. */
  async hello(target: Target = this.#target): Promise<void> {
    if (target !== this.#target) await this.#leave(target)
    await this.meet()
    this.#left = this.#script.units ?? 0
    this.say(this.helloTo(target.mesh))
  }

  /** What it says first, if it takes a coordinator for one of this mesh. */
  helloTo(mesh: MeshId): FromNode {
    const { chain } = this.#target
    const offer = this.#offer(this.#script.units ?? 0)
    return { type: 'hello', mesh, ...(chain === undefined ? {} : { chain }), offer }
  }

  async #leave(target: Target): Promise<void> {
    this.#target = target
    await this.#asker?.[Symbol.asyncDispose]()
    this.#asker = undefined
  }

  /** Opens a stream, and says nothing. */
  async meet(): Promise<void> {
    const { coordinator, addresses } = this.#target
    const signal = AbortSignal.timeout(limits.answerMs)
    const dialled = await this.#mesh.dial(coordinator, addresses, signal)
    if (!dialled.ok) throw new Error(JSON.stringify(dialled.refusal))
    const channel = await this.#mesh.streams.open('work', coordinator, signal)
    if (!channel.ok) throw new Error(JSON.stringify(channel.refusal))
    this.#channel = channel.value
    this.#over = Promise.withResolvers()
    channel.value.listen({
      heard: (messages) => this.#heard(messages),
      drained: () => {},
      ended: () => channel.value.close(),
      closed: () => {
        this.#channel = undefined
        this.#over.resolve()
      },
    })
  }

  /** Resolves when its stream is over. */
  get over(): Promise<void> {
    return this.#over.promise
  }

  say(...messages: FromNode[]): void {
    const said = this.#channel?.say(messages)
    if (said?.ok !== true) throw new Error(`${this.#name} cannot say ${messages[0]?.type}`)
  }

  /** Shows the leases of all that it keeps until it is decided. */
  holdAgain(): void {
    const leases = Array.from(this.kept.values(), ({ lease }) => lease)
    for (let at = 0; at < leases.length; at += limits.perFrameMax) {
      this.say({ type: 'hold', leases: leases.slice(at, at + limits.perFrameMax) })
    }
  }

  /** Delivers all again that was not decided, as in another epoch. */
  deliverKept(): void {
    for (const delivery of this.kept.values()) this.say(delivery)
  }

  /** Delivers again all that was not acknowledged. */
  deliverAgain(): void {
    for (const delivery of this.unacknowledged.values()) this.say(delivery)
  }

  /** Takes so many more units. */
  offer(units: number): void {
    this.#left = units
    this.say({ type: 'offer', offer: this.#offer(units) })
  }

  /** What it would deliver for leases: one signature for all of them. */
  deliveries(leases: readonly Signed<Lease>[], says: string): Delivery[] {
    const read = leases.map((signed) => {
      const lease = open(leaseDocument, signed)
      if (!lease.ok) throw new Error('a lease does not open')
      const { chain, job, unit, slot, epoch, fence, node } = lease.value
      const manifest = manifestOf(job, unit, says)
      if (!this.#script.lost) this.keep(outputOf(unit, says))
      const salt = new Uint8Array(randomBytes(32))
      const result = resultId(manifest.outcome)
      const execution = { job, unit, slot, epoch, fence, node }
      return {
        manifest,
        receipt: { v: 1 as const, chain, ...execution, result, salt, issued: Date.now() },
      }
    })
    const receipts = signBatch(
      receiptDocument,
      read.map(({ receipt }) => receipt),
      this.signer,
    )
    return leases.map((lease, i) => {
      const [receipt, one] = [receipts[i], read[i]]
      if (receipt === undefined || one === undefined) throw new Error('a receipt for each lease')
      return { type: 'deliver', lease, receipt, manifest: one.manifest }
    })
  }

  /** Asks the coordinator a question. */
  async ask<Q extends Question>(question: Q): Promise<Answer<AnswerTo<Q>>> {
    this.#asker ??= new Asker({
      clock: machineClock,
      dial: async () => {
        const signal = AbortSignal.timeout(limits.answerMs)
        const { coordinator, addresses } = this.#target
        const dialled = await this.#mesh.dial(coordinator, addresses, signal)
        if (!dialled.ok) return dialled
        return await this.#mesh.streams.open('call', coordinator, signal)
      },
    })
    return await this.#asker.ask(question, AbortSignal.timeout(limits.answerMs))
  }

  /** The mesh that it is in. */
  get mesh(): StockedMesh {
    return this.#mesh
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#asker?.[Symbol.asyncDispose]()
    await Promise.all(this.#keeps)
    await this.#mesh[Symbol.asyncDispose]()
    await rm(this.#directory, { recursive: true, force: true })
  }

  /** Has an output from now on, where the coordinator will look for it. */
  keep(bytes: Uint8Array): void {
    this.#keeps.push(this.#keep(bytes))
  }

  async #keep(bytes: Uint8Array): Promise<void> {
    const kept = { bytesMax: bytes.length, pin: Buffer.from(bytes).toString(), sealed: false }
    const built = await this.#mesh.data.importTree({ bytes }, kept)
    if (!built.ok) throw new Error(built.refusal.code)
  }

  #offer(units: number): Offer {
    return offerOf(this.#name, { ...this.#script.offer, units })
  }

  #heard(messages: readonly FromCoordinator[]): void {
    for (const message of messages) {
      this.#note(message)
      this.hear(message)
    }
    if (this.#leases.length === 0 || this.#isDue || this.#script.says === undefined) return
    this.#isDue = true
    queueMicrotask(() => {
      this.#isDue = false
      this.#deliver()
    })
  }

  #note(message: FromCoordinator): void {
    if (message.type === 'lease') {
      this.#leases.push(message.lease)
      this.#left--
    } else if (message.type === 'acknowledge') {
      const opened = open(acknowledgementDocument, message.acknowledgement)
      if (!opened.ok) throw new Error('an acknowledgement does not open')
      for (const id of opened.value.receipts) {
        this.unacknowledged.delete(id)
        this.acknowledged.add(id)
      }
    } else if (message.type === 'decided') {
      for (const { unit, slot } of message.executions) {
        this.decided.add(`${unit}/${slot}`)
        this.kept.delete(`${unit}/${slot}`)
      }
    }
  }

  #deliver(): void {
    const leases = this.#leases
    this.#leases = []
    for (let at = 0; at < leases.length; at += limits.batchMax) {
      for (const { delivery, key } of this.#said(leases.slice(at, at + limits.batchMax))) {
        this.kept.set(key, delivery)
        this.unacknowledged.set(receiptId(delivery.receipt), delivery)
        this.delivered++
        // On a stream that broke nothing is said; it is kept, and delivered on the next one.
        this.#channel?.say([delivery])
      }
    }
    const { units = 0 } = this.#script
    if (this.#left <= units / 2) this.offer(units)
  }

  #said(leases: readonly Signed<Lease>[]): { readonly delivery: Delivery; readonly key: string }[] {
    const { says = () => 'right' } = this.#script
    const by = new Map<string, Signed<Lease>[]>()
    for (const lease of leases) {
      const read = open(leaseDocument, lease)
      const what = read.ok ? says(read.value.unit) : undefined
      if (what === undefined) continue
      const some = by.get(what) ?? []
      some.push(lease)
      by.set(what, some)
    }
    const all = Array.from(by, ([what, some]) => this.deliveries(some, what)).flat()
    return all.map((delivery) => {
      const read = open(receiptDocument, delivery.receipt)
      return { delivery, key: read.ok ? `${read.value.unit}/${read.value.slot}` : '' }
    })
  }
}
