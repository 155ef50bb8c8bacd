import { type Cid, limits } from '@nexapod/specs'
import { nodeOf } from '../node.ts'
import type { Store } from '../store/store.ts'

/** Links of nodes that were read lately: many wants of one fetch lead through the same ones. */
export class Links {
  readonly #store: Store
  readonly #known = new Map<Cid, readonly Cid[]>()
  #count = 0

  constructor(store: Store) {
    this.#store = store
  }

  /** Where a node leads; undefined if it is not here. */
  async of(cid: Cid): Promise<readonly Cid[] | undefined> {
    const known = this.#known.get(cid)
    if (known !== undefined) return known
    const block = await this.#store.get(cid)
    const node = block && nodeOf(block)
    if (!node?.ok) return undefined
    const links = node.value.links.map((link) => link.cid)
    this.#remember(cid, links)
    return links
  }

  #remember(cid: Cid, links: readonly Cid[]): void {
    if (!this.#known.has(cid)) this.#count += links.length
    this.#known.set(cid, links)
    for (const [oldest, { length }] of this.#known) {
      if (this.#count <= limits.blockLinksMax) return
      this.#known.delete(oldest)
      this.#count -= length
    }
  }
}
