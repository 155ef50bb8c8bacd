import {
  type Answer,
  accept,
  type Digest,
  decodeBetween,
  digestBytes,
  digestText,
  refuse,
  sha256Into,
} from '@nexapod/specs'
import { emptyState, type State } from '../fold/state.ts'
import { leafHeadBytes, putLeaf, type Row } from './table.ts'
import { hashBytes } from './tree.ts'

/** How long a part is, but for the last: some thousand rows. */
const partBytes = 256 * 1024

/** What the first byte of a part says is in it. */
const rowsPart = 1
const rootPart = 2

/** Before a leaf: the length of the value in it, in two bytes. A free place has 0 and no leaf. */
const lengthBytes = 2

/** In front of the root: what part it is, and the number of places in four bytes. */
const endHeadBytes = 5

/** No row is longer: a part ends where one might not fit any more. */
const rowBytesMax = 8192

/**
 * A state as bytes, in parts: what the leaf of each row is the hash of, in the order of places,
 * and in the last part the root. The state may go on changing while parts are taken: what they
 * say is what it was at the call.
 */
export function frozen({ tables }: State): Iterable<Uint8Array> {
  const root = tables.root()
  const rows = tables.placed()
  // A row changes by another value in its place: the values are all that has to be kept.
  return partsOf(
    rows,
    rows.map((row) => row?.value),
    root,
  )
}

function* partsOf(
  rows: readonly (Row | undefined)[],
  values: readonly unknown[],
  root: Digest,
): Generator<Uint8Array> {
  const part = new Uint8Array(partBytes)
  part[0] = rowsPart
  let at = 1
  for (const [place, row] of rows.entries()) {
    if (at + rowBytesMax > partBytes) {
      yield part.slice(0, at)
      at = 1
    }
    const leaf = at + lengthBytes
    const { value, end } =
      row === undefined ? { value: leaf, end: leaf } : putLeaf(row, values[place], part, leaf)
    part[at] = (end - value) >>> 8
    part[at + 1] = end - value
    at = end
  }
  if (at > 1) yield part.slice(0, at)
  yield endOf(rows.length, root)
}

/** The last part: how many places there are, and the root. */
function endOf(places: number, root: Digest): Uint8Array {
  const part = new Uint8Array(endHeadBytes + hashBytes)
  part[0] = rootPart
  new DataView(part.buffer).setUint32(1, places)
  part.set(digestBytes(root), endHeadBytes)
  return part
}

const ascii = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Makes a state of the parts that it was frozen into. Whatever else it is given, it refuses. */
export class Thaw {
  readonly #state = emptyState()
  readonly #placed: (Row | undefined)[] = []
  /** Of the places so far, with room up to a power of two. */
  #leaves = new Uint8Array(hashBytes)
  #root: Digest | undefined
  #damage: Answer<never> | undefined

  /** Takes the next part. */
  take(part: Uint8Array): Answer<undefined> {
    if (this.#damage !== undefined) return this.#damage
    const wrong = this.#root === undefined ? this.#read(part) : 'a part after the root'
    return wrong === undefined ? accept(undefined) : this.#refuse(wrong)
  }

  /** The state, if its parts were all there and add up to their root. */
  end(): Answer<State> {
    if (this.#damage !== undefined) return this.#damage
    const { tables } = this.#state
    tables.restore(this.#placed, this.#leaves)
    if (tables.root() === this.#root) return accept(this.#state)
    return this.#refuse(this.#root === undefined ? 'parts are missing' : 'other rows than its root')
  }

  #refuse(why: string): Answer<never> {
    const damage = refuse('ledger.damaged', { at: 'a frozen state', detail: why })
    this.#damage = damage
    return damage
  }

  /** Reads a part; gives what is wrong with it. */
  #read(part: Uint8Array): string | undefined {
    if (part[0] === rootPart && part.length === endHeadBytes + hashBytes) {
      const places = new DataView(part.buffer, part.byteOffset).getUint32(1)
      if (places !== this.#placed.length) return 'another number of places'
      this.#root = digestText(part.subarray(endHeadBytes))
      return undefined
    }
    if (part[0] !== rowsPart) return 'a part of no kind'
    let at = 1
    while (at < part.length) {
      const valueBytes = uint16(part, at)
      at += lengthBytes
      this.#grow()
      if (valueBytes === 0) {
        this.#placed.push(undefined)
        continue
      }
      const value = at + leafHeadBytes + uint16(part, at + 1)
      const end = value + valueBytes
      if (part[at] !== 0 || !(end <= part.length)) return 'a row that is cut'
      const row = this.#row(part, at + leafHeadBytes, value, end)
      if (row === undefined) return 'a row that is none, or there already'
      sha256Into(part.subarray(at, end), this.#leaves, this.#placed.length * hashBytes)
      this.#placed.push(row)
      at = end
    }
    return undefined
  }

  /** The row whose key and value stand there, in its table. */
  #row(part: Uint8Array, key: number, value: number, end: number): Row | undefined {
    const table = this.#state.tables.at(part, key)
    if (table === undefined) return undefined
    const about = textOf(part, key + table.kind.length + 1, value)
    const read = decodeBetween(table.schema, part, value, end)
    return read.ok && about !== undefined ? table.restore(about, read.value) : undefined
  }

  /** Makes room for the leaf of another place. */
  #grow(): void {
    if (this.#placed.length * hashBytes < this.#leaves.length) return
    const larger = new Uint8Array(this.#leaves.length * 2)
    larger.set(this.#leaves)
    this.#leaves = larger
  }
}

/** Two bytes as a number, or NaN beyond the end. */
function uint16(part: Uint8Array, at: number): number {
  return (part[at] ?? Number.NaN) * 256 + (part[at + 1] ?? Number.NaN)
}

/** The text of bytes in ASCII. */
function textOf(part: Uint8Array, start: number, end: number): string | undefined {
  try {
    const text = ascii.decode(part.subarray(start, end))
    return text.length === end - start ? text : undefined
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    return undefined
  }
}
