import {
  begin,
  type Effect,
  type Event,
  type Setting,
  type State,
  step,
  usualRules,
} from '../../../coordinator/index.ts'
import { Ledger, stateRoot } from '../../../ledger/index.ts'
import {
  type ChainId,
  type Checkpoint,
  type CoordinatorId,
  checkpointDocument,
  type Delegation,
  delegationDocument,
  ed25519,
  type Mesh,
  type MeshId,
  meshDocument,
  type OwnerId,
  reopen,
  type Signed,
  type Signer,
  sign,
} from '../../../specs/index.ts'
import { unrunJob } from '../unrun-job.ts'
import { durations, Node, overTheWire, signerNamed } from './crowd.ts'

/** How many there are, and how much there is to be done. */
export interface Size {
  readonly nodes: number
  readonly units: number
  readonly jobs: number
  /** Units that a node takes at once. */
  readonly atOnce: number
  /** Events of so many milliseconds come in one step; else of 20, as in a shell that is busy. */
  readonly tickMs?: number
  /** Which of several coordinators it is; else the first. */
  readonly number?: number
  /** Whether nodes, owners and publishers really sign: then others believe the chain. */
  readonly isSigned?: boolean
}

/** What a rush came to. scale.md says what counts. */
export interface Outcome {
  /** Inputs of `step`, whatever they bring. */
  readonly events: number
  /** What nodes said: a frame of theirs is one event with several of these. */
  readonly messages: number
  /** In the core alone: what the crowd and the wire take is not counted. */
  readonly coreMs: number
  readonly units: number
  readonly entries: number
  readonly heapBytes: number
}

const signature = new Uint8Array(64)
const noon = 1_795_176_000_000
/** How often a checkpoint is cosigned: as often as a shell has one signed. */
const cosignedTicks = 12

/** One coordinator and a crowd, from the first hello until so many units are decided. */
export class Rush {
  readonly #size: Size
  readonly #tickMs: number
  readonly #state: State
  readonly #nodes: readonly Node[]
  readonly #takesMs = durations(1)
  /** Nodes by the tick in which they have something to say. */
  readonly #agenda = new Map<number, Set<number>>()
  readonly #coordinator: Signer
  readonly #watch: (effects: readonly Effect[]) => void
  #tick = 0
  #events = 0
  #messages = 0
  #coreMs = 0
  #decided = 0
  #entries = 0

  /** `watch` sees all that the core wants to be done. */
  constructor(size: Size, watch: (effects: readonly Effect[]) => void = () => {}) {
    this.#size = size
    this.#tickMs = size.tickMs ?? 20
    this.#watch = watch
    this.#coordinator = ed25519.signer(new Uint8Array(32).fill(size.number ?? 0))
    const setting: Setting = {
      signer: { id: this.#coordinator.id, sign: () => new Uint8Array(64) },
      open: reopen,
      secret: new Uint8Array(32),
      first: genesisBy(this.#coordinator),
      rules: { ...usualRules, jobsMax: size.jobs },
    }
    this.#nodes = nodesOf(size)
    const { state, effects } = begin(setting, believing(this.#nodes), [], { at: 0, time: noon })
    this.#state = state
    watch(effects)
    this.#publish()
  }

  /** How many units there are. */
  get units(): number {
    return this.#size.units
  }

  get decided(): number {
    return this.#decided
  }

  /** Goes on until so many units are decided in all. */
  until(decided: number): Outcome {
    const before = this.#sofar()
    while (this.#decided < decided) this.#turn()
    const now = this.#sofar()
    return {
      events: now.events - before.events,
      messages: now.messages - before.messages,
      coreMs: now.coreMs - before.coreMs,
      units: now.units - before.units,
      entries: now.entries - before.entries,
      heapBytes: now.heapBytes,
    }
  }

  /** All nodes come, some in each tick. */
  gather(): Outcome {
    const { mesh } = this
    for (const [i, node] of this.#nodes.entries()) {
      const own = i % 50 === 0
      const opened: Event = { type: 'opened', stream: i, node: node.id, network: `net ${i}` }
      const messages = overTheWire([node.hello(mesh, own ? this.#delegate(node) : undefined)])
      this.#step([opened, { type: 'heard', stream: i, messages }])
      if (i % 100 === 0) this.#turn()
    }
    return this.#sofar()
  }

  /** The chain that it writes. */
  get chain(): ChainId {
    return this.#state.chain
  }

  /** Its mesh. */
  get mesh(): MeshId {
    return this.#state.ledger.chain.tip?.governance.mesh as MeshId
  }

  /** What its coordinator signs of all that it wrote. */
  checkpoint(): Signed<Checkpoint> {
    const { chain, state } = this.#state.ledger
    const { tip } = chain
    if (tip === undefined) throw new Error('a chain begins with its genesis')
    const { epoch, size, head, coordinator, time } = tip
    const [root, stands] = [chain.root(), stateRoot(state)]
    const says = { v: 1 as const, chain: tip.chain, epoch, size, coordinator, root, head, time }
    return sign(checkpointDocument, { ...says, state: stands }, this.#coordinator)
  }

  /** Those who come. */
  get nodes(): readonly Node[] {
    return this.#nodes
  }

  #sofar(): Outcome {
    return {
      events: this.#events,
      messages: this.#messages,
      coreMs: this.#coreMs,
      units: this.#decided,
      entries: this.#entries,
      heapBytes: process.memoryUsage().heapUsed,
    }
  }

  #turn(): void {
    this.#tick++
    const at = this.#tick * this.#tickMs
    const due = this.#agenda.get(this.#tick)
    this.#agenda.delete(this.#tick)
    const events: Event[] = []
    for (const stream of due ?? []) {
      const said = (this.#nodes[stream] as Node).speak(at)
      if (said.length > 0) events.push({ type: 'heard', stream, messages: overTheWire(said) })
      this.#note(stream)
    }
    if (this.#tick % cosignedTicks === 0) events.push(this.#cosigned())
    if (this.#state.wakeAt <= at) events.push({ type: 'tick' })
    if (events.length > 0) this.#step(events)
  }

  /** The only coordinator that there is has signed a checkpoint of all that it wrote. */
  #cosigned(): Event {
    const size = this.#state.ledger.chain.tip?.size ?? 0
    const checkpoint = { body: new Uint8Array(), signatures: [signature] }
    return { type: 'cosigned', checkpoint, cosignatures: [], size }
  }

  #step(events: readonly Event[]): void {
    const at = this.#tick * this.#tickMs
    this.#events += events.length
    for (const event of events) {
      if (event.type === 'heard') this.#messages += event.messages.length
    }
    const before = process.threadCpuUsage()
    const effects = step(this.#state, { at, time: noon + at }, events)
    const { user, system } = process.threadCpuUsage(before)
    this.#coreMs += (user + system) / 1000
    this.#watch(effects)
    for (const effect of effects) this.#perform(effect, at)
  }

  #perform(effect: Effect, at: number): void {
    if (effect.type === 'append') this.#entries += effect.taken.length
    if (effect.type === 'tell' && effect.news.type === 'decided') this.#decided++
    if (effect.type !== 'send') return
    const node = this.#nodes[effect.stream] as Node
    for (const message of effect.messages) node.hear(message, at, this.#takesMs)
    this.#note(effect.stream)
  }

  #note(stream: number): void {
    const { nextAt } = this.#nodes[stream] as Node
    if (nextAt === Number.POSITIVE_INFINITY) return
    const tick = Math.max(this.#tick + 1, Math.ceil(nextAt / this.#tickMs))
    const others = this.#agenda.get(tick)
    if (others === undefined) this.#agenda.set(tick, new Set([stream]))
    else others.add(stream)
  }

  #publish(): void {
    const { jobs, units, isSigned } = this.#size
    for (let i = 0; i < jobs; i++) {
      const publisher = signerNamed(`publisher ${i % 10}`, isSigned)
      const nonce = new Uint8Array(16)
      new DataView(nonce.buffer).setUint32(0, i)
      const range = { name: 'i', from: 0, step: 1, count: Math.ceil(units / jobs), digits: 0 }
      const own = { home: this.#state.chain, nonce, issued: noon, name: `job ${i}` }
      const job = unrunJob(publisher, { ...own, sweep: [{ type: 'range', ...range }] })
      const question = { type: 'publish' as const, job }
      this.#step([{ type: 'asked', call: i, question }])
    }
  }

  #delegate(node: Node): Signed<Delegation> {
    const delegation: Delegation = {
      v: 1,
      owner: this.#coordinator.id as OwnerId,
      node: node.id,
      issued: noon,
      expires: noon + 1e9,
    }
    return sign(delegationDocument, delegation, this.#coordinator, node.signer)
  }
}

/**
 * A ledger as in a mesh that is long past its first units: it believes all nodes, for otherwise all
 * would wait for a few anchors.
 */
export function believing(nodes: readonly Node[]): Ledger {
  const ledger = new Ledger(reopen)
  const { reputations, tables } = ledger.state
  for (const { id } of nodes) reputations.set(id, 'wasm', { vouched: 200, passes: 200, strikes: 0 })
  tables.keep()
  return ledger
}

function nameOf(coordinator: number, node: number): string {
  return coordinator === 0 ? `node ${node}` : `node ${node} of ${coordinator}`
}

/** The nodes that come to such a coordinator. */
export function nodesOf({ number = 0, nodes, atOnce, isSigned }: Size): readonly Node[] {
  return Array.from({ length: nodes }, (_, i) => new Node(nameOf(number, i), atOnce, isSigned))
}

function genesisBy(coordinator: Signer): Setting['first'] & { type: 'genesis' } {
  const id = coordinator.id as CoordinatorId
  const mesh: Mesh = {
    ...{ v: 1 as const, name: 'scale', founded: noon, nonce: new Uint8Array(16) },
    members: [{ coordinator: id, addresses: [] }],
    quorum: 1,
    rates: {
      ...{ microPerGigafuel: 1000, microPerCoreSecond: 10, microPerGpuSecond: 10, bondMicro: 0 },
      ...{ auditPermille: 50, settleMs: 60_000, apart: 'networks' as const },
    },
    bootstrap: [],
  }
  // Who governs is opened by the chain itself, whatever the core opens documents with.
  const signed = sign(meshDocument, mesh, coordinator)
  return { type: 'genesis', mesh: signed, coordinator: id, nonce: new Uint8Array(16) }
}
