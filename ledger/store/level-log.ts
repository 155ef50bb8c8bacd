import { crc32c, masked } from './crc32c.ts'
import type { BadBytes, LevelFile } from './level-file.ts'

/** A record of a log, or a piece of one that goes over the end of a block. */
export interface Piece {
  readonly from: number
  readonly to: number
  /** Whether a record begins here. */
  readonly first: boolean
  /** Whether a record ends here. */
  readonly last: boolean
  /** Its bytes, until the next piece is asked for. */
  readonly data: Uint8Array
}

/** Bytes that are no piece, though a piece should be there. */
type Gap = Omit<BadBytes, 'file'>

/** Where the rest of a block is zeros: nothing is wrong with them, unless something follows. */
interface Zeros {
  readonly zeros: number
}

const blockBytes = 32_768
const headerBytes = 7

/**
 * The pieces of a log or MANIFEST, and between them what is wrong. An end that was cut is what a
 * crash leaves, and so are zeros up to the end: LevelDB goes by both, and neither is reported.
 */
export async function* piecesOf(file: LevelFile): AsyncGenerator<Piece | BadBytes> {
  const order = new Order(file)
  for (let start = 0; start < file.size; start += blockBytes) {
    const block = await file.read(start, Math.min(start + blockBytes, file.size))
    if (!(block instanceof Uint8Array)) yield* order.after(block)
    else for (const part of partsOf(block, start)) yield* order.after(part)
  }
}

/** Knows what may follow what. */
class Order {
  readonly #file: LevelFile
  /** Where the record began that has not ended yet. */
  #begun: number | undefined
  /** Whether the beginning of a record may lie in bytes that were reported. */
  #excused = false
  #zeros: number | undefined

  constructor(file: LevelFile) {
    this.#file = file
  }

  *after(part: Piece | Gap | Zeros): Generator<Piece | BadBytes> {
    if ('zeros' in part) {
      this.#zeros ??= part.zeros
      return
    }
    if (this.#zeros !== undefined) {
      yield this.#bad(this.#zeros, part.from, 'there are zeros, and more behind them')
      this.#zeros = undefined
    }
    if ('found' in part) {
      yield this.#bad(part.from, part.to, part.found)
      return
    }
    if (part.first && this.#begun !== undefined) {
      yield this.#bad(this.#begun, part.from, 'a record begins that does not end')
    }
    if (!part.first && this.#begun === undefined && !this.#excused) {
      yield this.#bad(part.from, part.to, 'the beginning of this record is gone')
    }
    if (part.first) this.#begun = part.from
    if (part.last) this.#begun = undefined
    if (part.first || part.last) this.#excused = false
    yield part
  }

  #bad(from: number, to: number, found: string): BadBytes {
    this.#begun = undefined
    this.#excused = true
    return this.#file.bad(from, to, found)
  }
}

function* partsOf(block: Uint8Array, start: number): Generator<Piece | Gap | Zeros> {
  let at = 0
  while (block.length - at >= headerBytes) {
    if (isZeros(block, at)) {
      yield { zeros: start + at }
      return
    }
    const { to, type } = headerAt(block, at)
    const gap = isSound(block, at) ? undefined : gapAt(block, at)
    if (gap === 'cut') return
    if (gap === undefined) {
      const data = block.subarray(at + headerBytes, to)
      const [first, last] = [type === 1 || type === 2, type === 1 || type === 4]
      yield { from: start + at, to: start + to, first, last, data }
    } else {
      yield { from: start + at, to: start + gap.to, found: gap.found }
    }
    at = gap?.to ?? to
  }
  // Where less than a header is left of a block, the next record begins behind it.
  if (block.length === blockBytes && !isZeros(block, at)) {
    yield { from: start + at, to: start + blockBytes, found: 'the padding of a block is not zero' }
  }
}

/** What is wrong with the record that begins here, and where the next one can begin. */
function gapAt(block: Uint8Array, at: number): Pick<Gap, 'to' | 'found'> | 'cut' {
  const { to, type, check } = headerAt(block, at)
  if (to <= block.length && checkOf(block, at, to) === check) {
    return { to, found: `a record has the type ${type}, which there is not` }
  }
  const end = endOf(block, at)
  if (end !== undefined) {
    return { to: end, found: 'the length of a record is not the one that was written' }
  }
  if (to > blockBytes) {
    return { to: block.length, found: 'a record goes over the end of its block' }
  }
  if (to > block.length) return 'cut'
  // Its length is believed if something sound follows: else the rest of the block is unknown.
  const followed = block.length - to < headerBytes || isZeros(block, to) || isSound(block, to)
  return {
    to: followed ? to : block.length,
    found: 'the checksum of a record does not match',
  }
}

/**
 * Where a record ends by its checksum, which does not cover the length. So a length that is wrong
 * is told apart from bytes that are, and from an end that was cut.
 */
function endOf(block: Uint8Array, at: number): number | undefined {
  const { check } = headerAt(block, at)
  let crc = 0
  for (let to = at + headerBytes - 1; to < block.length; to++) {
    crc = crc32c(block, to, to + 1, crc)
    if (masked(crc) === check) return to + 1
  }
  return undefined
}

function isSound(block: Uint8Array, at: number): boolean {
  const { to, type, check } = headerAt(block, at)
  return to <= block.length && type >= 1 && type <= 4 && checkOf(block, at, to) === check
}

/** The check over the type and the bytes of a record. */
function checkOf(block: Uint8Array, at: number, to: number): number {
  return masked(crc32c(block, at + headerBytes - 1, to))
}

function headerAt(block: Uint8Array, at: number): { check: number; to: number; type: number } {
  const view = new DataView(block.buffer, block.byteOffset + at, headerBytes)
  const to = at + headerBytes + view.getUint16(4, true)
  return { check: view.getUint32(0, true), to, type: view.getUint8(6) }
}

function isZeros(block: Uint8Array, from: number): boolean {
  return block.subarray(from).every((byte) => byte === 0)
}
