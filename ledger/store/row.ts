import { leafHash, sha256Of } from '@nexapod/specs'
import { Damage } from './damage.ts'

/** What a row of the store is about: the first byte of its key. */
export const kinds = {
  /** Entries that were written at once. */
  page: 0x65,
  node: 0x6e,
  kept: 0x6b,
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

/** The key of a page: the number of its first entry. */
export function pageKey(first: number): Uint8Array {
  const key = new Uint8Array(9)
  key[0] = kinds.page
  putUint(key, 1, first)
  return key
}

/** The number of the first entry in a page. */
export function firstOf(key: Uint8Array): number {
  return getUint(key, 1)
}

/**
 * Between the levels of the tree that have rows: those between are joined from at most eight rows
 * below. A row for each node would be a row for each entry.
 */
export const levelStep = 4

/** Whether the nodes of a level have rows of their own; the leaves are had from the entries. */
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

/** Bytes of the check in front of a row. */
const checkBytes = 32

/** The check of a row: a hash over key and value, so that no value passes under another key. */
export function checkOf(key: Uint8Array, value: Uint8Array): Uint8Array {
  return sha256Of(key, value)
}

/** In front of each entry of a page: its length, and the beginning of its hash. */
const headerBytes = 8
const hintBytes = 4

/** An entry with its hash. */
export interface HashedEntry {
  readonly bytes: Uint8Array
  readonly hash: Uint8Array
}

/** How long an entry is in the row of its page. */
export function pagedBytes({ bytes }: Pick<HashedEntry, 'bytes'>): number {
  return headerBytes + bytes.length
}

/** The value of a page's row: its check, then each entry behind its header. */
export function sealedPage(key: Uint8Array, entries: readonly HashedEntry[]): Uint8Array {
  const length = entries.reduce((sum, entry) => sum + pagedBytes(entry), 0)
  const row = new Uint8Array(checkBytes + length)
  let at = checkBytes
  for (const { bytes, hash } of entries) {
    putUint32(row, at, bytes.length)
    row.set(hash.subarray(0, hintBytes), at + headerBytes - hintBytes)
    row.set(bytes, at + headerBytes)
    at += headerBytes + bytes.length
  }
  row.set(checkOf(key, row.subarray(checkBytes)))
  return row
}

/** The entries of a page, once they are found to be those that were written there. */
export function openedPage(key: Uint8Array, row: Uint8Array | undefined): Uint8Array[] {
  const first = firstOf(key)
  if (row === undefined) throw new Damage(`entry ${first}`, 'the row is gone')
  const value = row.subarray(checkBytes)
  const sound = row.length >= checkBytes && equal(row.subarray(0, checkBytes), checkOf(key, value))
  if (sound) return [...entriesIn(value)].map(({ bytes }) => bytes)
  const found = 'the bytes are not those that were written'
  throw new Damage(`entry ${first + soundPage(key, row).length}`, found)
}

/**
 * The entries of a page that may be damaged, up to the first that is not as it was written; what
 * is before one that is wanted may be so or not.
 */
export function soundPage(key: Uint8Array, row: Uint8Array | undefined, wanted = 0): Uint8Array[] {
  const sound: Uint8Array[] = []
  for (const { bytes, hint } of entriesIn(row?.subarray(checkBytes) ?? new Uint8Array(0))) {
    const isSound = equal(leafHash(bytes).subarray(0, hintBytes), hint)
    if (!isSound && firstOf(key) + sound.length >= wanted) break
    sound.push(bytes)
  }
  return sound
}

function* entriesIn(page: Uint8Array): Generator<{ bytes: Uint8Array; hint: Uint8Array }> {
  const view = new DataView(page.buffer, page.byteOffset, page.length)
  for (let at = 0; at + headerBytes <= page.length; ) {
    const start = at + headerBytes
    const end = start + view.getUint32(at)
    if (end > page.length) return
    yield { bytes: page.subarray(start, end), hint: page.subarray(start - hintBytes, start) }
    at = end
  }
}

/** Bytes of the check of a node: there are many of them, and each is hashed over by the next. */
const nodeCheckBytes = 8

/** The value of a node's row: the hash, and the beginning of a hash over where and what it is. */
export function sealedNode(key: Uint8Array, hash: Uint8Array): Uint8Array {
  return joined(hash, checkOf(key, hash).subarray(0, nodeCheckBytes))
}

/** The hash in a node's row, once it is found to be the one that was written there. */
export function openedNode(key: Uint8Array, value: Uint8Array | undefined): Uint8Array {
  const at = `node ${key[1]}/${getUint(key, 2)}`
  if (value === undefined) throw new Damage(at, 'the row is gone')
  const hash = value.subarray(0, 32)
  const whole = value.length === 32 + nodeCheckBytes
  if (!whole || !equal(value.subarray(32), checkOf(key, hash).subarray(0, nodeCheckBytes))) {
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
  const check = row.subarray(0, checkBytes)
  const value = row.subarray(checkBytes)
  if (row.length < checkBytes || !equal(check, checkOf(key, value))) {
    throw new Damage(at, 'the bytes are not those that were written')
  }
  return { check, value }
}

/** Whether two byte strings are equal. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

function putUint32(into: Uint8Array, at: number, value: number): void {
  into[at] = value >>> 24
  into[at + 1] = value >>> 16
  into[at + 2] = value >>> 8
  into[at + 3] = value
}
