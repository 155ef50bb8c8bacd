import { sha256, sha256Of } from '../bytes/digest.ts'

const leafPrefix = Uint8Array.of(0)
/** Room for what is hashed for a leaf; what is longer gets its own. */
const leaf = new Uint8Array(4096)
/** Room for what is hashed for an inner node. */
const node = Uint8Array.of(1, ...new Uint8Array(64))

/** The hash of a leaf in a Merkle tree of RFC 6962: SHA-256(0x00 || bytes). */
export function leafHash(bytes: Uint8Array): Uint8Array {
  const { length } = bytes
  if (length >= leaf.length) return sha256Of(leafPrefix, bytes)
  leaf.set(bytes, 1)
  return sha256(leaf.subarray(0, length + 1))
}

/** The hash of an inner node: SHA-256(0x01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  for (let i = 0; i < 32; i++) {
    node[1 + i] = left[i] as number
    node[33 + i] = right[i] as number
  }
  return sha256(node)
}

/** A tree over leaf hashes: its root, and for each leaf the hashes up to it, lowest first. */
export interface MerkleTree {
  readonly root: Uint8Array
  readonly paths: readonly (readonly Uint8Array[])[]
}

/** The tree over leaf hashes, at least one; each inner node is hashed once. */
export function merkleTree(leaves: readonly Uint8Array[]): MerkleTree {
  const paths = leaves.map((): Uint8Array[] => [])
  const rootOf = (from: number, to: number): Uint8Array => {
    if (to - from === 1) return leaves[from] as Uint8Array
    const middle = from + leftSize(to - from)
    const left = rootOf(from, middle)
    const right = rootOf(middle, to)
    for (let i = from; i < to; i++) paths[i]?.push(i < middle ? right : left)
    return nodeHash(left, right)
  }
  if (leaves.length === 0) throw new RangeError('a tree without leaves')
  return { root: rootOf(0, leaves.length), paths }
}

/** The root that a leaf and its path give, or undefined where the path does not fit the tree. */
export function rootOfPath(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): Uint8Array | undefined {
  if (index < 0 || index >= size) return undefined
  let hash = leaf
  let at = index
  let last = size - 1
  for (const sibling of path) {
    if (last === 0) return undefined
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash)
      // A last node without a sibling moves up as it is.
      while (at % 2 === 0 && at !== 0) {
        at = Math.floor(at / 2)
        last = Math.floor(last / 2)
      }
    } else {
      hash = nodeHash(hash, sibling)
    }
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 ? hash : undefined
}

/** The largest power of two below a size: the leaves of the left half. */
function leftSize(size: number): number {
  let left = 1
  while (left * 2 < size) left *= 2
  return left
}
