import { toHex } from '../bytes/text.ts'
import { changes } from '../examples/state.ts'
import type { Json } from '../schema/schema.ts'
import { merkleTree } from '../signed/merkle.ts'
import { rowHash } from '../state/state.ts'

/** The tree of a state after each of some entries: what they changed, its places and its root. */
export function treeVectors(): Json {
  const rows = new Map<string, Uint8Array>()
  const places: (string | null)[] = []
  return changes.map((entry) => {
    const keys = Object.keys(entry).sort()
    for (const key of keys) {
      const value = entry[key]
      if (value !== undefined) continue
      rows.delete(key)
      places[places.indexOf(key)] = null
    }
    for (const key of keys) {
      const value = entry[key]
      if (value === undefined) continue
      rows.set(key, value)
      if (places.includes(key)) continue
      const free = places.indexOf(null)
      places[free === -1 ? places.length : free] = key
    }
    const changed = keys.map((key) => {
      const value = entry[key]
      return value === undefined ? { key } : { key, value: toHex(value) }
    })
    return { changes: changed, places: [...places], root: rootOf(places, rows) }
  })
}

function rootOf(places: readonly (string | null)[], rows: ReadonlyMap<string, Uint8Array>): string {
  let capacity = 1
  while (capacity < places.length) capacity *= 2
  const leaves = Array.from({ length: capacity }, (_, i) => {
    const key = places[i] ?? ''
    const value = rows.get(key)
    return value === undefined ? new Uint8Array(32) : rowHash(key, value)
  })
  return toHex(merkleTree(leaves).root)
}
