import {
  type Answer,
  accept,
  type Cid,
  encode,
  limits,
  type MeshId,
  type PeerId,
  type Refusal,
  refuse,
  type Schema,
  sha256,
  toHex,
  topics,
} from '@nexapod/specs'
import { memoryPipes, type Weather } from '../channel/memory-pipe.ts'
import type { Pipe } from '../channel/pipe.ts'
import type { Found } from './directory.ts'
import type { Caller, Member, Mesh } from './face.ts'
import { type Gossip, Hearing, type TopicName, type Trust } from './hearing.ts'

/** What a mesh in memory is opened with. */
export interface MemoryMeshConfig extends Pick<Trust, 'openFork' | 'now'> {
  readonly mesh: MeshId
  readonly peer: PeerId
  /** Whether others can dial it. */
  readonly listens: boolean
  readonly roster: readonly Member[]
}

/**
 * A world of meshes within one process: the face and the manners of a real one, with a clock and
 * faults of its own. What is drawn and what the clock says decide all that happens in it.
 */
export class MemoryMeshes {
  readonly #weather: Weather
  readonly #meshes = new Map<PeerId, MemoryMesh>()
  readonly #providers = new Map<string, Set<PeerId>>()

  constructor(weather: Weather) {
    this.#weather = weather
  }

  open(config: MemoryMeshConfig): Mesh {
    if (this.#meshes.has(config.peer)) throw new Error(`${config.peer} is there already`)
    const one = new MemoryMesh(config, {
      weather: this.#weather,
      at: (peer) => this.#meshes.get(peer),
      providers: (of) => {
        const known = this.#providers.get(of) ?? new Set()
        this.#providers.set(of, known)
        return known
      },
      left: () => this.#meshes.delete(config.peer),
    })
    this.#meshes.set(config.peer, one)
    return one
  }
}

interface World {
  readonly weather: Weather
  at(peer: PeerId): MemoryMesh | undefined
  providers(of: string): Set<PeerId>
  left(): void
}

type Take = (pipe: Pipe, from: Caller) => void

class MemoryMesh implements Mesh {
  readonly id: MeshId
  readonly peer: PeerId
  readonly #config: MemoryMeshConfig
  readonly #world: World
  readonly #hearing: Hearing
  readonly #members = new Set<string>()
  readonly #neighbours = new Set<MemoryMesh>()
  readonly #takes = new Map<string, Take>()
  /** What breaks when this mesh goes. Whoever has a pipe holds it; what nobody has is over. */
  #pipes: WeakRef<Pipe>[] = []
  readonly #seen = new Set<string>()
  readonly #hearers = new Set<{ topic: TopicName; hear: (heard: Gossip[TopicName]) => void }>()

  constructor(config: MemoryMeshConfig, world: World) {
    const { mesh, peer, openFork, now } = config
    this.id = mesh
    this.peer = peer
    this.#config = config
    this.#world = world
    const coordinates = (key: string) => this.#members.has(key)
    this.#hearing = new Hearing({ mesh, openFork, now, coordinates })
    this.follow(config.roster)
  }

  addresses(): readonly string[] {
    return this.#config.listens ? [`/memory/${this.peer}`] : []
  }

  follow(roster: readonly Member[]): void {
    this.#members.clear()
    for (const { coordinator } of roster) this.#members.add(coordinator)
  }

  async dial(
    peer: PeerId,
    _addresses: readonly string[],
    signal: AbortSignal,
  ): Promise<Answer<PeerId>> {
    signal.throwIfAborted()
    const other = this.#reach(peer)
    return other === undefined ? refuse('wire.unreachable') : accept(peer)
  }

  async open(peer: PeerId, protocol: string, signal: AbortSignal): Promise<Answer<Pipe>> {
    signal.throwIfAborted()
    const other = this.#reach(peer)
    if (other === undefined) return refuse('wire.unreachable')
    const take = other.#takes.get(protocol)
    if (take === undefined) return refuse('wire.unreachable')
    const [mine, theirs] = memoryPipes(this.#world.weather)
    this.#hold(mine)
    other.#hold(theirs)
    queueMicrotask(() => take(theirs, { peer: this.peer, network: `memory ${this.peer}` }))
    return accept(mine)
  }

  async serve(protocol: string, take: Take): Promise<void> {
    this.#takes.set(protocol, take)
  }

  async publish<T extends TopicName>(topic: T, document: Gossip[T]['document']): Promise<number> {
    const bytes = encode(topics[topic].message as Schema<unknown>, document)
    this.#isNew(bytes)
    return this.#pass(topic, bytes)
  }

  on<T extends TopicName>(topic: T, hear: (heard: Gossip[T]) => void): () => void {
    const hearer = { topic, hear: hear as (heard: Gossip[TopicName]) => void }
    this.#hearers.add(hearer)
    return () => this.#hearers.delete(hearer)
  }

  async announce(what: 'coordinator' | Cid, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    this.#world.providers(`${this.id} ${what}`).add(this.peer)
  }

  async *find(what: 'coordinator' | Cid, signal: AbortSignal): AsyncGenerator<Found> {
    let left: number = limits.providersMax
    for (const peer of this.#world.providers(`${this.id} ${what}`)) {
      signal.throwIfAborted()
      const addresses = this.#world.at(peer)?.addresses() ?? []
      if (peer === this.peer || addresses.length === 0) continue
      if (left-- === 0) return
      yield { peer, addresses }
    }
  }

  /** It goes, and whoever is connected to it sees that. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closing: Refusal = { code: 'wire.closing' }
    for (const pipe of this.#pipes) pipe.deref()?.abort(closing)
    for (const other of this.#neighbours) other.#neighbours.delete(this)
    this.#neighbours.clear()
    this.#world.left()
  }

  #hold(pipe: Pipe): void {
    if (this.#pipes.length >= limits.bookEntriesMax) {
      this.#pipes = this.#pipes.filter((one) => one.deref() !== undefined)
    }
    this.#pipes.push(new WeakRef(pipe))
  }

  #reach(peer: PeerId): MemoryMesh | undefined {
    const other = this.#world.at(peer)
    if (other === undefined || other === this || other.id !== this.id) return undefined
    if (!other.#config.listens && !this.#neighbours.has(other)) return undefined
    this.#neighbours.add(other)
    other.#neighbours.add(this)
    return other
  }

  /** Passes a message on; each way there is a real one that could lose it. */
  #pass(topic: TopicName, bytes: Uint8Array): number {
    const { clock, faults, draw } = this.#world.weather
    for (const other of this.#neighbours) {
      if (faults !== undefined && draw() < faults.cut * 2 ** 32) continue
      const [least, most] = faults?.delayMs ?? [0, 0]
      const takes = least + Math.floor(((most - least + 1) * draw()) / 2 ** 32)
      clock.after(takes, () => other.#hear(topic, bytes))
    }
    return this.#neighbours.size
  }

  #hear(topic: TopicName, bytes: Uint8Array): void {
    if (this.#world.at(this.peer) !== this || !this.#isNew(bytes)) return
    const verdict = this.#hearing.judge(topic, bytes)
    if (!('heard' in verdict)) return
    this.#pass(topic, bytes)
    for (const { topic: of, hear } of this.#hearers) if (of === topic) hear(verdict.heard)
  }

  #isNew(bytes: Uint8Array): boolean {
    const id = toHex(sha256(bytes))
    if (this.#seen.has(id)) return false
    if (this.#seen.size >= limits.bookEntriesMax) {
      for (const oldest of this.#seen) if (this.#seen.delete(oldest)) break
    }
    this.#seen.add(id)
    return true
  }
}
