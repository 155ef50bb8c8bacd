import { type Answer, accept, type Cid, limits, type Refusal, refuse } from '@nexapod/specs'
import { type Block, blockIf } from '../block.ts'
import { Buffers } from '../buffers.ts'
import type { Stage } from '../store/store.ts'
import type { Frontier, Piece } from './frontier.ts'
import type { Provider } from './provider.ts'

/** How far a fetch is. */
export interface Progress {
  /** The bytes of all blocks that are here. */
  readonly bytes: number
  /** Of those, what came from providers. */
  readonly fetchedBytes: number
}

/** A provider that was left, and why. */
export interface Left {
  readonly provider: string
  readonly refusal: Refusal
}

/** What is fetched, from whom, and how much of it may come. */
export interface FetchingConfig {
  readonly root: Cid
  readonly providers: readonly Provider[]
  /** Asked when the others have not all of it. */
  readonly fallback?: Provider
  readonly bytesMax: number
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: Progress) => void
}

/** A piece that is being fetched; when others have nothing to do, one of them takes the rest. */
interface Run {
  readonly piece: Piece
  readonly provider: Provider
  at: number
  helper: Run | undefined
  helped: Run | undefined
}

/** Why what is under way ends when a fetch is over: an error of its own would cost more. */
const over = 'over'
/** Blocks on their way to the disk, while the next ones come. */
const writesMax = 4

/** Fetches what is missing below one block, from all providers at once. */
export class Fetching {
  /** Who was left, and why. */
  readonly left: Left[] = []
  readonly #config: FetchingConfig
  readonly #stage: Stage
  readonly #frontier: Frontier
  readonly #buffers = new Buffers()
  readonly #stop = new AbortController()
  readonly #asked = new Set<Provider>()
  readonly #lacking = new Map<Provider, Set<Cid>>()
  readonly #lanes: Promise<void>[] = []
  readonly #runs = new Set<Run>()
  readonly #writes = new Set<Promise<void>>()
  readonly #ended = Promise.withResolvers<void>()
  #fallback: Provider | undefined
  #failed: Refusal | undefined
  #changed = Promise.withResolvers<void>()

  constructor(config: FetchingConfig, stage: Stage, frontier: Frontier) {
    this.#config = config
    this.#stage = stage
    this.#frontier = frontier
    this.#fallback = config.fallback
  }

  /** Fetches all that the frontier misses. */
  async run(): Promise<Answer<void>> {
    const { signal, providers } = this.#config
    const stop = () => {
      this.#stop.abort(signal?.reason)
      this.#settle()
    }
    signal?.addEventListener('abort', stop)
    try {
      signal?.throwIfAborted()
      for (const provider of providers.slice(0, limits.providersMax)) this.#ask(provider)
      this.#settle()
      await this.#ended.promise
      this.#stop.abort(over)
      await Promise.all([...this.#lanes, ...this.#writes])
    } finally {
      signal?.removeEventListener('abort', stop)
    }
    signal?.throwIfAborted()
    return this.#failed === undefined ? accept(undefined) : { ok: false, refusal: this.#failed }
  }

  get #over(): boolean {
    return this.#stop.signal.aborted || this.#failed !== undefined || this.#frontier.done
  }

  #ask(provider: Provider): void {
    this.#asked.add(provider)
    for (let i = 0; i < limits.wantsMax; i++) {
      const lane = this.#lane(provider)
      this.#lanes.push(lane)
      // What breaks ends the fetch, and is thrown when all has stopped.
      lane.catch(() => this.#ended.resolve())
    }
  }

  async #lane(provider: Provider): Promise<void> {
    while (!this.#over && this.#asked.has(provider)) {
      const run = this.#next(provider)
      if (run === undefined) await this.#changed.promise
      else await this.#run(run)
    }
  }

  /** Something to do for a provider: a piece, or what is left of another's. */
  #next(provider: Provider): Run | undefined {
    const piece = this.#frontier.next((one) => this.#fits(provider, one))
    if (piece !== undefined) return { piece, provider, at: 0, helper: undefined, helped: undefined }
    let most: Run | undefined
    for (const run of this.#runs) {
      const free = run.provider !== provider && run.helper === undefined && run.helped === undefined
      if (!free || !this.#fits(provider, rest(run))) continue
      if (most === undefined || rest(run).blocks.length > rest(most).blocks.length) most = run
    }
    if (most === undefined || rest(most).blocks.length === 0) return undefined
    const run: Run = { piece: rest(most), provider, at: 0, helper: undefined, helped: most }
    most.helper = run
    return run
  }

  async #run(run: Run): Promise<void> {
    const { piece, provider } = run
    this.#runs.add(run)
    const given = await provider.give(
      { root: this.#config.root, ...piece },
      async (at, bytes) => await this.#take(run, at, bytes),
      { buffers: this.#buffers, signal: this.#stop.signal },
    )
    this.#runs.delete(run)
    this.#giveBack(run)
    if (!given.ok && !this.#over && this.#asked.delete(provider)) {
      this.left.push({ provider: provider.name, refusal: given.refusal })
    }
    this.#settle()
  }

  /** What did not come goes back, but for what another is at, who gives it back himself. */
  #giveBack({ piece, helper, helped }: Run): void {
    if (helped !== undefined) helped.helper = undefined
    else {
      const mine = helper === undefined ? piece.blocks.length : helper.piece.from - piece.from
      this.#frontier.giveBack({ ...piece, blocks: piece.blocks.slice(0, mine) })
    }
    if (helper !== undefined) helper.helped = undefined
  }

  async #take(run: Run, at: number, bytes: Uint8Array | undefined): Promise<boolean> {
    const { piece, provider } = run
    run.at = at + 1
    const cid = piece.blocks[at]?.cid as Cid
    if (bytes === undefined) {
      const lacking = this.#lacking.get(provider) ?? new Set()
      this.#lacking.set(provider, lacking.add(cid))
      return true
    }
    if (this.#over || !this.#frontier.awaits(cid)) return true
    const block = blockIf(cid, bytes)
    if (block === undefined) return false
    if (this.#writes.size >= writesMax) await Promise.race(this.#writes)
    if (this.#over || !this.#frontier.awaits(cid)) return true
    const coming = this.#frontier.came(block, piece, at)
    this.#write(block, coming)
    const came = await coming
    if (!came.ok) this.#failed ??= came.refusal
    this.#config.onProgress?.(this.#frontier.progress)
    this.#settle()
    return true
  }

  #write(block: Block, looked: Promise<unknown>): void {
    const write = this.#put(block, looked)
    this.#writes.add(write)
    write.then(
      () => this.#writes.delete(write),
      // The disk broke: it stays among the writes, where it is thrown when all has stopped.
      () => this.#ended.resolve(),
    )
  }

  async #put(block: Block, looked: Promise<unknown>): Promise<void> {
    const put = await this.#stage.put(block)
    await looked
    this.#buffers.give(block.bytes)
    if (put.ok) return
    this.#failed ??= put.refusal
    this.#settle()
  }

  #fits(provider: Provider, piece: Piece): boolean {
    const lacking = this.#lacking.get(provider)
    return lacking === undefined || !piece.blocks.some(({ cid }) => lacking.has(cid))
  }

  /** Something changed: lanes look again, and if nobody can do anything more it is over. */
  #settle(): void {
    if (!this.#over && this.#runs.size === 0 && !this.#canGoOn()) {
      const { root } = this.#config
      const fallback = this.#fallback
      this.#fallback = undefined
      const who = this.left.map(({ provider, refusal }) => `${provider} ${refusal.code}`)
      if (fallback !== undefined) this.#ask(fallback)
      else this.#failed = refuse('data.missing', { at: root, detail: who.join(', ') }).refusal
    }
    if (this.#over) this.#ended.resolve()
    const changed = this.#changed
    this.#changed = Promise.withResolvers()
    changed.resolve()
  }

  #canGoOn(): boolean {
    return [...this.#asked].some((one) => this.#frontier.has((piece) => this.#fits(one, piece)))
  }
}

/** What of a piece was not given yet. */
function rest({ piece, at }: Run): Piece {
  return { ...piece, from: piece.from + at, blocks: piece.blocks.slice(at) }
}
