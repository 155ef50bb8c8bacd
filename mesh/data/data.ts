import { type Answer, accept, type Cid, limits, refuse } from '@nexapod/specs'
import type { Pipe } from '../channel/pipe.ts'
import type { Built, Sink } from './build.ts'
import { exportTo, exportTree } from './exporting.ts'
import type { OpenPipe } from './fetch/bulk.ts'
import { type Fetched, fetchInto } from './fetch/fetch.ts'
import type { Progress } from './fetch/fetching.ts'
import { Http } from './fetch/http.ts'
import { Lines } from './fetch/lines.ts'
import type { Provider } from './fetch/provider.ts'
import { fetchRoots } from './fetch/roots.ts'
import { importTree, type Tree } from './importing.ts'
import { importPath, importTarAt } from './importing-disk.ts'
import { Reading, type Taker } from './reading.ts'
import { answerGateway, type GatewayAnswer, type GatewayRequest } from './serve/gateway.ts'
import { type Asking, type MayServe, Serving } from './serve/serving.ts'
import { Store, type StoreConfig } from './store/store.ts'

/** What moves data: where it is kept, who may have it, and how peers are reached. */
export interface DataConfig extends StoreConfig {
  readonly mayServe: MayServe
  readonly openPipe: OpenPipe
  /** Bitswap, where there is one. */
  readonly fallback?: Provider
  /** How long a peer may stand still. */
  readonly idleMs?: number
}

/** What is imported, and how it stays. */
export interface Keeping {
  readonly bytesMax: number
  /** The name of its pin. What a unit made is sealed until its verdict. */
  readonly pin: string
  readonly sealed: boolean
  readonly signal?: AbortSignal
}

/** What is fetched, and from whom. */
export interface Wanted {
  readonly root: Cid
  readonly below?: string
  /** Peers that may have it, by their ids, and gateways by their addresses. */
  readonly peers: readonly string[]
  readonly gateways: readonly string[]
  /** Whether nobody else is asked; else bitswap is, where they have not all of it. */
  readonly only?: boolean
  readonly bytesMax: number
  readonly pin?: string
  /** Whether the pin outlives a loss of power: it does, if this is left out. */
  readonly lasting?: boolean
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: Progress) => void
}

/** How much may be read, and what may end it. */
export interface Bounds {
  readonly bytesMax: number
  /** Blocks; as many as a root may have if left out. */
  readonly blocksMax?: number
  readonly signal?: AbortSignal
}

/** A path of names below a root. */
interface Below {
  readonly below?: string
}

/** Files and directories in and out by CID: data.md says how. */
export class Data {
  readonly store: Store
  readonly #config: DataConfig
  readonly #serving: Serving
  readonly #lines: Lines

  private constructor(config: DataConfig, store: Store) {
    this.#config = config
    this.store = store
    const { mayServe, openPipe, idleMs = limits.idleMs } = config
    this.#lines = new Lines(openPipe, idleMs)
    this.#serving = new Serving({ store, mayServe, idleMs })
  }

  static async open(config: DataConfig): Promise<Data> {
    return new Data(config, await Store.open(config))
  }

  /** Takes in a file or directory from disk. */
  async importPath(path: string, keeping: Keeping): Promise<Answer<Built>> {
    return await this.#import(keeping, async (sink) => await importPath(path, sink, keeping))
  }

  /** Takes in the directory that lies in a tar on disk. */
  async importTarAt(path: string, keeping: Keeping): Promise<Answer<Built>> {
    return await this.#import(keeping, async (sink) => await importTarAt(path, sink, keeping))
  }

  /** Takes in what is in memory. */
  async importTree(tree: Tree, keeping: Keeping): Promise<Answer<Built>> {
    return await this.#import(keeping, async (sink) => await importTree(tree, sink, keeping))
  }

  /** Writes what is here to a path where nothing is. */
  async exportTo(path: string, root: Cid, bounds: Bounds): Promise<Answer<void>> {
    return await exportTo(path, async (cid) => await this.store.get(cid), root, bounds)
  }

  /** Reads what is here into memory: a root, or what a path below it leads to. */
  async exportTree(root: Cid, { below = '', ...bounds }: Bounds & Below): Promise<Answer<Tree>> {
    const source = async (cid: Cid) => await this.store.get(cid)
    const found = await new Reading(source, bounds).find(root, below)
    return found.ok ? await exportTree(source, found.value, bounds) : found
  }

  /** Hands what anybody may have of a root to a taker, as it is read. */
  async read(root: Cid, taker: Taker, bounds: Bounds): Promise<Answer<void>> {
    const { store } = this
    const sealed = store.isSealed(root)
    const may = store.has(root) && !store.hides(root, root)
    if (!may || !(await this.#config.mayServe(root, { sealed }))) {
      return refuse('data.unknown', { at: root })
    }
    const source = async (cid: Cid) => (store.hides(cid, root) ? undefined : await store.get(cid))
    return await new Reading(source, bounds).all(root, taker)
  }

  /** Has a file or directory here. */
  async fetch(wanted: Wanted): Promise<Answer<Fetched>> {
    const { idleMs, fallback } = this.#config
    const { gateways, peers, only = false, ...rest } = wanted
    await using connections = new AsyncDisposableStack()
    const providers: Provider[] = gateways.map((url) => connections.use(new Http(url, idleMs)))
    for (const peer of peers) {
      const line = await this.#lines.lend(peer)
      connections.defer(() => this.#lines.takeBack(line))
      providers.push(line)
    }
    return await fetchInto(this.store, {
      ...rest,
      providers,
      ...(fallback === undefined || only ? {} : { fallback }),
    })
  }

  /** Has small files here that one peer may have, many at once; gives those that are here then. */
  async fetchRoots(
    wanted: readonly { readonly cid: Cid; readonly bytesMax: number }[],
    peer: string,
    signal: AbortSignal,
  ): Promise<ReadonlySet<Cid>> {
    const line = await this.#lines.lend(peer)
    try {
      return await fetchRoots(this.store, wanted, line, signal)
    } finally {
      await this.#lines.takeBack(line)
    }
  }

  /** Answers wants on a stream that a peer opened. */
  async serve(pipe: Pipe, asking: Asking): Promise<void> {
    await this.#serving.serve(pipe, asking)
  }

  /** Answers a request for `/ipfs/`. */
  async gateway(request: GatewayRequest): Promise<GatewayAnswer> {
    return await answerGateway({ store: this.store, mayServe: this.#config.mayServe }, request)
  }

  async #import(
    { pin, sealed }: Keeping,
    make: (sink: Sink) => Promise<Answer<Built>>,
  ): Promise<Answer<Built>> {
    await using stage = this.store.stage('sealed')
    const built = await make(async (block) => await stage.put(block))
    if (!built.ok) return built
    const state = sealed ? 'sealed' : 'open'
    await this.store.pin({ name: pin, roots: [built.value.cid], state })
    return accept(built.value)
  }
}
