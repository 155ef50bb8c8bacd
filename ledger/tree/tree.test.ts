import { leafHash, merkleTree } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { Frontier, joined } from './frontier.ts'
import { consistencyPlan, extendsTree, includes, inclusionPlan, type Plan } from './proof.ts'

const sizeMax = 300
const leaves = Array.from({ length: sizeMax }, (_, i) => leafHash(Uint8Array.of(i >> 8, i)))

/** The tree grown leaf by leaf: its subtrees as a store keeps them, and its root at every size. */
const nodes = new Map<string, Uint8Array>()
const roots: Uint8Array[] = [new Uint8Array(0)]
const frontier = new Frontier()
for (const leaf of leaves) {
  for (const { level, index, hash } of frontier.append(leaf)) nodes.set(`${level}/${index}`, hash)
  roots.push(frontier.root())
}

function made(plan: Plan): Uint8Array[] {
  return plan.map((subtrees) =>
    joined(subtrees.map(({ level, index }) => nodes.get(`${level}/${index}`) as Uint8Array)),
  )
}

function tree(size: number) {
  return { size, root: roots[size] as Uint8Array }
}

test('the root of a tree that grows is that of the whole, at every size', () => {
  for (let size = 1; size <= sizeMax; size++) {
    expect(roots[size]).toEqual(merkleTree(leaves.slice(0, size)).root)
  }
})

test('a tree goes on from its size and peaks', () => {
  for (const cut of [0, 1, 2, 3, 64, 255, 256, 299]) {
    const before = new Frontier()
    for (const leaf of leaves.slice(0, cut)) before.append(leaf)
    const after = new Frontier(before.size, before.peaks)
    for (const leaf of leaves.slice(cut)) after.append(leaf)
    expect(after.root()).toEqual(roots[sizeMax])
  }
})

test('peaks that do not fit their size are refused', () => {
  expect(() => new Frontier(3, [leaves[0] as Uint8Array])).toThrow('2 peaks, not 1')
})

describe('inclusion', () => {
  test('every leaf of every size up to 300 is proven, by the path of the definition', () => {
    for (let size = 1; size <= sizeMax; size++) {
      const { root } = tree(size)
      const { paths } = merkleTree(leaves.slice(0, size))
      for (let index = 0; index < size; index++) {
        const path = made(inclusionPlan(index, size))
        expect(includes(root, size, index, leaves[index] as Uint8Array, path)).toBe(true)
        expect(Buffer.concat(path).equals(Buffer.concat(paths[index] ?? []))).toBe(true)
      }
    }
  })

  test('no path proves another leaf, index or size', () => {
    for (let size = 2; size <= 65; size++) {
      for (let index = 0; index < size; index++) {
        const path = made(inclusionPlan(index, size))
        const leaf = leaves[index] as Uint8Array
        const { root } = tree(size)
        expect(includes(root, size, index, leaves[index + 1] as Uint8Array, path)).toBe(false)
        expect(includes(root, size, (index + 1) % size, leaf, path)).toBe(false)
        expect(includes(root, size, index, leaf, path.slice(1))).toBe(false)
        expect(includes(root, size, index, leaf, [...path, leaf])).toBe(false)
        expect(includes(tree(size - 1).root, size, index, leaf, path)).toBe(false)
      }
    }
  })
})

describe('consistency', () => {
  test('every size up to 300 is shown to extend every smaller one', () => {
    for (let size = 1; size <= sizeMax; size++) {
      for (let from = 1; from <= size; from++) {
        const path = made(consistencyPlan(from, size))
        expect(extendsTree(tree(from), tree(size), path), `${from} to ${size}`).toBe(true)
      }
    }
  })

  test('no proof shows a tree to extend one with another history', () => {
    const other = new Frontier()
    const otherRoots: Uint8Array[] = [new Uint8Array(0)]
    for (const leaf of leaves) {
      other.append(other.size === 0 ? leafHash(Uint8Array.of(9, 9, 9)) : leaf)
      otherRoots.push(other.root())
    }
    for (let size = 2; size <= 80; size++) {
      for (let from = 1; from < size; from++) {
        const path = made(consistencyPlan(from, size))
        const forged = { size: from, root: otherRoots[from] as Uint8Array }
        expect(extendsTree(forged, tree(size), path)).toBe(false)
        expect(extendsTree(tree(from), { size, root: otherRoots[size] as Uint8Array }, path)).toBe(
          false,
        )
        expect(extendsTree(tree(from), tree(size), path.slice(1))).toBe(false)
        expect(extendsTree(tree(from), tree(size), [...path, leaves[0] as Uint8Array])).toBe(false)
        expect(extendsTree(tree(size), tree(from), path)).toBe(false)
      }
    }
  })
})
