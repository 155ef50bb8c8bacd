import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { toHex } from '../bytes/text.ts'
import { leafHash, merkleTree, nodeHash, rootOfPath } from './merkle.ts'

const sizeMax = 300
const leaves = Array.from({ length: sizeMax }, (_, i) => leafHash(Uint8Array.of(i >> 8, i & 255)))

/** The root as RFC 6962 defines it: the left half is the largest power of two below the size. */
function slowRoot(some: readonly Uint8Array[]): Uint8Array {
  const [only] = some
  if (some.length === 1 && only !== undefined) return only
  const left = 2 ** Math.ceil(Math.log2(some.length) - 1)
  return nodeHash(slowRoot(some.slice(0, left)), slowRoot(some.slice(left)))
}

describe('hashes', () => {
  test('of leaves and nodes are those of RFC 6962, told apart by their first byte', () => {
    const sha256 = (...parts: Uint8Array[]) =>
      createHash('sha256').update(Buffer.concat(parts)).digest('hex')
    const [a, b] = [leafHash(Uint8Array.of(1, 2)), leafHash(Uint8Array.of())]
    expect(toHex(a)).toBe(sha256(Uint8Array.of(0, 1, 2)))
    expect(toHex(b)).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d')
    expect(toHex(nodeHash(a, b))).toBe(sha256(Uint8Array.of(1), a, b))
  })
})

describe('a tree', () => {
  test('has the root of RFC 6962 in every size', () => {
    for (let size = 1; size <= sizeMax; size++) {
      const some = leaves.slice(0, size)
      expect(merkleTree(some).root).toEqual(slowRoot(some))
    }
  })

  test('gives each leaf of every size the path to its root', () => {
    for (let size = 1; size <= sizeMax; size++) {
      const { root, paths } = merkleTree(leaves.slice(0, size))
      const hex = toHex(root)
      const lengthMax = Math.ceil(Math.log2(size))
      for (const [index, path] of paths.entries()) {
        const found = rootOfPath(leaves[index] as Uint8Array, index, size, path)
        if (found === undefined || toHex(found) !== hex || path.length > lengthMax) {
          expect.fail(`the path of leaf ${index} of ${size} does not lead to the root`)
        }
      }
    }
  })

  test('without leaves there is none', () => {
    expect(() => merkleTree([])).toThrow('a tree without leaves')
  })
})

describe('a path', () => {
  test('leads to the root from no other index of its size', () => {
    for (const size of [1, 2, 3, 5, 8, 13, 33]) {
      const { root, paths } = merkleTree(leaves.slice(0, size))
      for (const [index, path] of paths.entries()) {
        for (let other = 0; other < size + 3; other++) {
          if (other === index) continue
          const found = rootOfPath(leaves[index] as Uint8Array, other, size, path)
          expect(found === undefined || toHex(found) !== toHex(root)).toBe(true)
        }
      }
    }
  })

  test('fits no tree in which the leaf lies at another height', () => {
    const { paths } = merkleTree(leaves.slice(0, 5))
    const leaf = leaves[4] as Uint8Array
    expect(rootOfPath(leaf, 4, 5, paths[4] ?? [])).toBeDefined()
    for (const size of [6, 7, 8, 9])
      expect(rootOfPath(leaf, 4, size, paths[4] ?? [])).toBeUndefined()
  })

  test('is refused when it is too short, too long, or changed', () => {
    const size = 11
    const { root, paths } = merkleTree(leaves.slice(0, size))
    for (const [index, path] of paths.entries()) {
      const leaf = leaves[index] as Uint8Array
      expect(rootOfPath(leaf, index, size, path.slice(1))).toBeUndefined()
      expect(rootOfPath(leaf, index, size, path.slice(0, -1))).toBeUndefined()
      expect(rootOfPath(leaf, index, size, [...path, leaf])).toBeUndefined()
      for (const [i, hash] of path.entries()) {
        const changed = path.with(
          i,
          Uint8Array.from(hash, (byte, j) => (j === 0 ? byte ^ 1 : byte)),
        )
        expect(rootOfPath(leaf, index, size, changed)).not.toEqual(root)
      }
    }
  })

  test('of an index outside the tree is refused', () => {
    for (const index of [-1, 1, 2, 300]) {
      expect(rootOfPath(leaves[0] as Uint8Array, index, 1, [])).toBeUndefined()
    }
    expect(rootOfPath(leaves[0] as Uint8Array, 0, 0, [])).toBeUndefined()
  })

  test('of another leaf leads elsewhere', () => {
    const { root, paths } = merkleTree(leaves.slice(0, 8))
    expect(rootOfPath(leaves[3] as Uint8Array, 2, 8, paths[2] ?? [])).not.toEqual(root)
  })
})
