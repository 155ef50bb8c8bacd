import { sha256 } from '../bytes/digest.ts'

/** The hash of a leaf in a Merkle tree of RFC 6962: SHA-256(0x00 || bytes). */
export function leafHash(bytes: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + bytes.length)
  input.set(bytes, 1)
  return sha256(input)
}

/** The hash of an inner node: SHA-256(0x01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(65)
  input[0] = 1
  input.set(left, 1)
  input.set(right, 33)
  return sha256(input)
}

/** The root over leaf hashes, at least one. */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves
  if (only === undefined) throw new RangeError('a tree without leaves')
  if (leaves.length === 1) return only
  const left = leftSize(leaves.length)
  return nodeHash(merkleRoot(leaves.slice(0, left)), merkleRoot(leaves.slice(left)))
}

/** The hashes that lead from one leaf to the root, the lowest first. */
export function merklePath(leaves: readonly Uint8Array[], index: number): Uint8Array[] {
  if (index < 0 || index >= leaves.length) throw new RangeError(`no leaf ${index}`)
  if (leaves.length === 1) return []
  const left = leftSize(leaves.length)
  if (index < left) {
    return [...merklePath(leaves.slice(0, left), index), merkleRoot(leaves.slice(left))]
  }
  return [...merklePath(leaves.slice(left), index - left), merkleRoot(leaves.slice(0, left))]
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
