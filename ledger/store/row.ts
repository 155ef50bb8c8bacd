import { leafHash, sha256 } from '@nexapod/specs'
import { Damage } from './damage.ts'

/** What a row of the store is about: the first byte of its key. */
export const kinds = {
  entry: 0x65,
  node: 0x6e,
  kept: 0x6b,
  snapshot: 0x73,
  tip: 0x74,
} as const

/** What a kept row is about: the second byte of its key. */
export const keptKinds = {
  /** A signed checkpoint of this chain, by size. */
  checkpoint: 0x63,
  /** A cosignature under one, by size and witness. */
  cosignature: 0x6f,
  /** The most that a witness has seen of a chain, by chain. */
  seen: 0x73,
  /** What the coordinator gave with its entries, by its own key. */
  given: 0x72,
} as const

/** The key of an entry. */
export function entryKey(seq: number): Uint8Array {
  return numbered(kinds.entry, seq)
}

/**
 * Between the levels of the tree that have rows: those between are joined from at most eight rows
 * below. A row for each node would be a row for each entry.
 */
export const levelStep = 4

/** Whether the nodes of a level have rows of their own; the leaves are in the rows of entries. */
export function hasRow(level: number): boolean {
  return level > 0 && level % levelStep === 0
}

/** The key of a node of the tree. Those of one level are neighbours, in their order. */
export function nodeKey(level: number, index: number): Uint8Array {
  const key = new Uint8Array(10)
  key[0] = kinds.node
  key[1] = level
  putUint(key, 2, index)
  return key
}

/** The key of a kept row. */
export function keptKey(kind: keyof typeof keptKinds, ...parts: Uint8Array[]): Uint8Array {
  return joined(Uint8Array.of(kinds.kept, keptKinds[kind]), ...parts)
}

/** The key of a snapshot of the state: the last one sorts last. */
export function snapshotKey(size: number, head: Uint8Array): Uint8Array {
  return joined(Uint8Array.of(kinds.snapshot), numberKey(size), head)
}

/** The key of the row that says where the store stands. */
export const tipKey = Uint8Array.of(kinds.tip)

/** Bytes a number takes in a key: big-endian, so that keys sort as numbers do. */
export function numberKey(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  putUint(bytes, 0, value)
  return bytes
}

/** Bytes one after the other. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Writes a safe integer in eight bytes, big-endian. */
export function putUint(into: Uint8Array, at: number, value: number): void {
  putUint32(into, at, Math.floor(value / 2 ** 32))
  putUint32(into, at + 4, value % 2 ** 32)
}

/** Reads an integer of eight bytes, big-endian. */
export function getUint(from: Uint8Array, at: number): number {
  const view = new DataView(from.buffer, from.byteOffset)
  return view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4)
}

/** The check of a row: a hash over key and value, so that no value passes under another key. */
export function checkOf(key: Uint8Array, value: Uint8Array): Uint8Array {
  return sha256(joined(key, value))
}

/** Bytes of the check of an entry or a node: there are as many of them as there are entries. */
const checkBytes = 8

/**
 * The value of an entry's row: the entry, and the beginning of its leaf hash, mixed with its number
 * so that it passes under no other.
 */
export function sealedEntry(key: Uint8Array, bytes: Uint8Array, hash: Uint8Array): Uint8Array {
  const row = new Uint8Array(bytes.length + checkBytes)
  row.set(bytes)
  for (let i = 0; i < checkBytes; i++) {
    row[bytes.length + i] = (hash[i] as number) ^ (key[1 + i] as number)
  }
  return row
}

/** An entry and its leaf hash, once they are found to be what was written there. */
export function openedEntry(
  key: Uint8Array,
  row: Uint8Array | undefined,
): { readonly bytes: Uint8Array; readonly hash: Uint8Array } {
  const at = () => `entry ${getUint(key, 1)}`
  if (row === undefined) throw new Damage(at(), 'the row is gone')
  const length = Math.max(0, row.length - checkBytes)
  const bytes = row.subarray(0, length)
  const hash = leafHash(bytes)
  let wrong = row.length < checkBytes ? 1 : 0
  for (let i = 0; i < checkBytes; i++) {
    wrong |= (row[length + i] as number) ^ (hash[i] as number) ^ (key[1 + i] as number)
  }
  if (wrong !== 0) throw new Damage(at(), 'the bytes are not those that were written')
  return { bytes, hash }
}

/** The value of a node's row: the hash, and the beginning of a hash over where and what it is. */
export function sealedNode(key: Uint8Array, hash: Uint8Array): Uint8Array {
  return joined(hash, checkOf(key, hash).subarray(0, checkBytes))
}

/** The hash in a node's row, once it is found to be the one that was written there. */
export function openedNode(key: Uint8Array, value: Uint8Array | undefined): Uint8Array {
  const at = `node ${key[1]}/${getUint(key, 2)}`
  if (value === undefined) throw new Damage(at, 'the row is gone')
  const hash = value.subarray(0, 32)
  const whole = value.length === 32 + checkBytes
  if (!whole || !equal(value.subarray(32), checkOf(key, hash).subarray(0, checkBytes))) {
    throw new Damage(at, 'the hash is not the one that was written')
  }
  return hash
}

/** A value with its check in front. */
export function sealed(check: Uint8Array, value: Uint8Array): Uint8Array {
  return joined(check, value)
}

/** The value behind its check, once the two are found to belong together. */
export function opened(
  at: string,
  key: Uint8Array,
  row: Uint8Array | undefined,
): { readonly check: Uint8Array; readonly value: Uint8Array } {
  if (row === undefined) throw new Damage(at, 'the row is gone')
  const check = row.subarray(0, 32)
  const value = row.subarray(32)
  if (row.length < 32 || !equal(check, checkOf(key, value))) {
    throw new Damage(at, 'the bytes are not those that were written')
  }
  return { check, value }
}

/** Whether two byte strings are equal. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

function numbered(kind: number, value: number): Uint8Array {
  const key = new Uint8Array(9)
  key[0] = kind
  putUint(key, 1, value)
  return key
}

function putUint32(into: Uint8Array, at: number, value: number): void {
  into[at] = value >>> 24
  into[at + 1] = value >>> 16
  into[at + 2] = value >>> 8
  into[at + 3] = value
}
