import { leafHash, merkleTree } from '@nexapod/specs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rootOfShared, sharedProof } from './shared-proof.ts'

const leaves = Array.from({ length: 200 }, (_, i) => leafHash(Uint8Array.of(i)))
const hashAt = (index: number) => leaves[index] as Uint8Array

const chosen = fc.integer({ min: 1, max: leaves.length }).chain((size) => {
  const some = fc.uniqueArray(fc.integer({ min: 0, max: size - 1 }), { minLength: 1 })
  return fc.record({ size: fc.constant(size), some })
})

test('any leaves of any tree are proven together, by no more hashes than their paths have', () => {
  fc.assert(
    fc.property(chosen, ({ size, some }) => {
      const indices = some.toSorted((a, b) => a - b)
      const { root, paths } = merkleTree(leaves.slice(0, size))
      const hashes = sharedProof(indices, size, hashAt)
      const shown = indices.map((index) => ({ index, hash: hashAt(index) }))
      expect(rootOfShared(shown, size, hashes)).toEqual(root)
      const apart = indices.reduce((sum, index) => sum + (paths[index]?.length ?? 0), 0)
      expect(hashes.length).toBeLessThanOrEqual(apart)
    }),
  )
})

test('another leaf, place, order, size or number of hashes gives another root or none', () => {
  const size = 100
  const { root } = merkleTree(leaves.slice(0, size))
  const indices = [3, 4, 50, 99]
  const shown = indices.map((index) => ({ index, hash: hashAt(index) }))
  const hashes = sharedProof(indices, size, hashAt)
  const [first, ...rest] = shown as [(typeof shown)[0], ...typeof shown]
  const wrong = [
    rootOfShared([{ ...first, hash: hashAt(5) }, ...rest], size, hashes),
    rootOfShared([{ ...first, index: 2 }, ...rest], size, hashes),
    rootOfShared(shown.toReversed(), size, hashes),
    rootOfShared(rest, size, hashes),
    rootOfShared([...shown, { index: 100, hash: hashAt(100) }], size, hashes),
    rootOfShared(shown, size + 1, hashes),
    rootOfShared(shown, size, hashes.slice(1)),
    rootOfShared(shown, size, [...hashes, hashAt(0)]),
    rootOfShared(shown, size, hashes.toReversed()),
  ]
  for (const one of wrong) expect(one).not.toEqual(root)
})
