import { type Answer, accept, type Cid } from '@nexapod/specs'
import type { Block } from '../block.ts'
import { nodeOf } from '../node.ts'
import { Reading } from '../reading.ts'
import type { Stage, Store } from '../store/store.ts'
import { Fetching, type FetchingConfig, type Left } from './fetching.ts'
import { Frontier, type Here } from './frontier.ts'

/** What is to be here, and under which pin it stays. */
export interface FetchConfig extends FetchingConfig {
  /** The path to what is meant, below the root. */
  readonly below?: string
  readonly pin?: string
  /** Whether the pin outlives a loss of power: it does, if this is left out. */
  readonly lasting?: boolean
}

/** What is here now. */
export interface Fetched {
  /** What the path led to, or the root itself. */
  readonly cid: Cid
  /** The bytes of all its blocks; of them, those that came now. */
  readonly bytes: number
  readonly fetchedBytes: number
  readonly left: readonly Left[]
}

/**
 * Has a file or directory here. What is here already is not fetched again, so a fetch that was cut
 * goes on where it was. Without a pin it may go again as soon as there is need.
 */
export async function fetchInto(store: Store, config: FetchConfig): Promise<Answer<Fetched>> {
  await using stage = store.stage('fetched')
  const one = new Fetch(store, stage, config)
  return await one.run()
}

class Fetch {
  readonly #store: Store
  readonly #stage: Stage
  readonly #config: FetchConfig
  readonly #left: Left[] = []
  /** The ways to the blocks that nodes on the path lead to. */
  readonly #ways = new Map<Cid, readonly number[]>()
  #fetchedBytes = 0

  constructor(store: Store, stage: Stage, config: FetchConfig) {
    this.#store = store
    this.#stage = stage
    this.#config = config
    this.#ways.set(config.root, [0])
  }

  async run(): Promise<Answer<Fetched>> {
    const { root, below = '', pin } = this.#config
    const found = below === '' ? accept(root) : await this.#find(root, below)
    if (!found.ok) return found
    const cid = found.value
    const frontier = await this.#fetch(cid, true)
    if (!frontier.ok) return frontier
    if (pin !== undefined) {
      const { lasting = true } = this.#config
      await this.#store.pin({ name: pin, roots: [cid], state: 'fetched' }, { lasting })
    }
    const { bytes } = frontier.value.progress
    return accept({ cid, bytes, fetchedBytes: this.#fetchedBytes, left: this.#left })
  }

  /** What a path leads to; of the directories on it no more is fetched than what it needs. */
  async #find(root: Cid, below: string): Promise<Answer<Cid>> {
    let failed: Answer<never> | undefined
    const source = async (cid: Cid): Promise<Block | undefined> => {
      const fetched = await this.#fetch(cid, false)
      if (!fetched.ok) failed = fetched
      const block = fetched.ok ? await this.#store.get(cid) : undefined
      if (block !== undefined) this.#remember(block)
      return block
    }
    const { bytesMax, signal } = this.#config
    const bounds = { bytesMax, ...(signal === undefined ? {} : { signal }) }
    const found = await new Reading(source, bounds).find(root, below)
    return failed ?? found
  }

  #remember(block: Block): void {
    const way = this.#ways.get(block.cid) as readonly number[]
    const node = nodeOf(block)
    if (!node.ok) return
    for (const [at, { cid }] of node.value.links.entries()) {
      if (!this.#ways.has(cid)) this.#ways.set(cid, [...way, at])
    }
  }

  async #fetch(cid: Cid, deep: boolean): Promise<Answer<Frontier>> {
    const { bytesMax } = this.#config
    const frontier = new Frontier(this.#here(), { bytesMax, deep })
    const begun = await frontier.begin(cid, this.#ways.get(cid) as readonly number[])
    if (!begun.ok) return begun
    if (!frontier.done) {
      const fetching = new Fetching(this.#config, this.#stage, frontier)
      const fetched = await fetching.run()
      this.#left.push(...fetching.left)
      this.#fetchedBytes += frontier.progress.fetchedBytes
      if (!fetched.ok) return fetched
    }
    return accept(frontier)
  }

  /** Towards the mesh, what is sealed is not here: it is asked for like anything else. */
  #here(): Here {
    const store = this.#store
    return {
      take: (cid) => {
        const bytes = store.bytesOf(cid)
        if (bytes === undefined || store.hides(cid)) return undefined
        return this.#stage.take(cid) ? bytes : undefined
      },
      get: async (cid) => await store.get(cid),
    }
  }
}
