import type { OwnerId } from '@nexapod/specs'
import { type Counted, type Kind, kinds, type NodeBook } from './book.ts'

/** Who is there to be asked: owners, anchors of each kind, nodes of the mesh's own, platforms. */
export class Census {
  readonly anchors: Record<Kind, number> = { wasm: 0, docker: 0 }
  readonly own: Record<Kind, number> = { wasm: 0, docker: 0 }
  readonly #owners = new Map<OwnerId, number>()
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

  /** Whether somebody is there who is none of these owners. */
  hasOther(owners: ReadonlySet<OwnerId>): boolean {
    if (this.#owners.size > owners.size) return true
    return [...this.#owners.keys()].some((owner) => !owners.has(owner))
  }

  /** Counts a node as it is now, or not any more. */
  count(node: NodeBook, as: Counted | undefined): void {
    const was = node.counted
    if (was !== undefined && as !== undefined && isSame(was, as)) return
    if (was !== undefined) this.#add(was, -1)
    if (as !== undefined) this.#add(as, 1)
    node.counted = as
  }

  #add({ owner, platform, own, anchor }: Counted, by: number): void {
    for (const kind of kinds) {
      if (!anchor[kind]) continue
      this.anchors[kind] += by
      if (own) this.own[kind] += by
    }
    tally(this.#owners, owner, by)
    tally(this.#platforms, platform, by)
    if (this.#known.has(platform) !== this.#platforms.has(platform)) {
      this.#known = new Set(this.#platforms.keys())
    }
  }
}

/** Counts one more or one less of something, which is known as long as there is one. */
function tally<T>(many: Map<T, number>, of: T, by: number): void {
  const now = (many.get(of) ?? 0) + by
  if (now > 0) many.set(of, now)
  else many.delete(of)
}

function isSame(a: Counted, b: Counted): boolean {
  return (
    a.owner === b.owner &&
    a.platform === b.platform &&
    a.own === b.own &&
    a.anchor.wasm === b.anchor.wasm &&
    a.anchor.docker === b.anchor.docker
  )
}
