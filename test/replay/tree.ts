import { type Digest, digestText, nodeHash, rowHash } from '../../specs/index.ts'

/** Which row stands where: state.md, the tree. */
export class Places {
  readonly #keys: (string | undefined)[] = []

  /** Gives places to the rows that there are after an entry. */
  keep(rows: ReadonlyMap<string, Uint8Array>): void {
    const keys = this.#keys
    for (const [place, key] of keys.entries()) {
      if (key !== undefined && !rows.has(key)) keys[place] = undefined
    }
    const fresh = [...rows.keys()].filter((key) => !keys.includes(key))
    for (const key of fresh.sort()) {
      const free = keys.indexOf(undefined)
      if (free === -1) keys.push(key)
      else keys[free] = key
    }
  }

  /** The key at each place. */
  get keys(): readonly (string | undefined)[] {
    return this.#keys
  }

  /** The root over the rows in their places, from all leaves. */
  root(rows: ReadonlyMap<string, Uint8Array>): Digest {
    let capacity = 1
    while (capacity < this.#keys.length) capacity *= 2
    const leaves = Array.from({ length: capacity }, (_, place) => {
      const key = this.#keys[place]
      const row = key === undefined ? undefined : rows.get(key)
      return key === undefined || row === undefined ? new Uint8Array(32) : rowHash(key, row)
    })
    return digestText(perfectRoot(leaves))
  }
}

/** The root of RFC 6962 over leaf hashes, at least one. */
export function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves
  if (only !== undefined && leaves.length === 1) return only
  let left = 1
  while (left * 2 < leaves.length) left *= 2
  return nodeHash(rootOf(leaves.slice(0, left)), rootOf(leaves.slice(left)))
}

function perfectRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves
  if (only !== undefined && leaves.length === 1) return only
  const half = leaves.length / 2
  return nodeHash(perfectRoot(leaves.slice(0, half)), perfectRoot(leaves.slice(half)))
}
