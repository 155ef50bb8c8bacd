import { type Counted, type Kind, kinds, type NodeBook } from './book.ts'

/** Who is there to be asked: anchors of each kind, nodes of the mesh's own, and platforms. */
export class Census {
  readonly anchors: Record<Kind, number> = { wasm: 0, docker: 0 }
  readonly own: Record<Kind, number> = { wasm: 0, docker: 0 }
  readonly #platforms = new Map<string, number>()
  #known: ReadonlySet<string> = new Set()

  /** The platforms of those who are there. */
  get platforms(): ReadonlySet<string> {
    return this.#known
  }

  /** How many nodes of a platform are there. */
  on(platform: string): number {
    return this.#platforms.get(platform) ?? 0
  }

  /** Counts a node as it is now, or not any more. */
  count(node: NodeBook, as: Counted | undefined): void {
    const was = node.counted
    if (was !== undefined && as !== undefined && isSame(was, as)) return
    if (was !== undefined) this.#add(was, -1)
    if (as !== undefined) this.#add(as, 1)
    node.counted = as
  }

  #add({ platform, own, anchor }: Counted, by: number): void {
    for (const kind of kinds) {
      if (!anchor[kind]) continue
      this.anchors[kind] += by
      if (own) this.own[kind] += by
    }
    const many = (this.#platforms.get(platform) ?? 0) + by
    if (many > 0) this.#platforms.set(platform, many)
    else this.#platforms.delete(platform)
    if (this.#known.has(platform) !== many > 0) this.#known = new Set(this.#platforms.keys())
  }
}

function isSame(a: Counted, b: Counted): boolean {
  return (
    a.platform === b.platform &&
    a.own === b.own &&
    a.anchor.wasm === b.anchor.wasm &&
    a.anchor.docker === b.anchor.docker
  )
}
