import { limits } from '@nexapod/specs'
import { type Reader, type Token, Unreadable } from './token.ts'

/** The dictionary that a file begins with, as numpy writes it: no other is read. */
const dictionary = new RegExp(
  [
    /^\{'descr': '([<>|=])([a-zA-Z])(\d{1,6})', 'fortran_order': (True|False), /,
    /'shape': \(((?:\d{1,15}(?:, \d{1,15})*,?)?)\), ?\} *\n$/,
  ]
    .map(({ source }) => source)
    .join(''),
)

type Take = (view: DataView, at: number) => Token

/** How elements are stored: how many numbers of how many bytes, or bytes that have to be equal. */
interface Layout {
  readonly take: Take
  readonly bytes: number
}

/** A file of numpy, of numbers or of plain bytes. Objects in it are programs, and are not read. */
export class NpyReader implements Reader {
  #rest: Uint8Array = new Uint8Array(0)
  #layout: Layout | undefined
  #leftBytes = 0
  #failed = false

  push(bytes: Uint8Array): Token[] {
    if (this.#failed) return []
    const tokens: Token[] = []
    let all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    if (this.#layout === undefined) {
      const length = headerBytes(all)
      if (length === 'no') return this.#fail('no npy')
      if (length === undefined || all.length < length) {
        this.#rest = Buffer.from(all)
        return []
      }
      const said = this.#begin(all.subarray(0, length))
      if (said === undefined) return this.#fail('an npy of another kind than numbers')
      tokens.push(said)
      all = all.subarray(length)
    }
    const { take, bytes: each } = this.#layout as unknown as Layout
    if (all.length > this.#leftBytes) return this.#fail('more than its shape')
    const view = new DataView(all.buffer, all.byteOffset, all.length)
    let at = 0
    for (; at + each <= all.length; at += each) tokens.push(take(view, at))
    this.#leftBytes -= at
    this.#rest = Buffer.from(all.subarray(at))
    return tokens
  }

  end(): Token[] {
    if (this.#failed) return []
    const isWhole = this.#layout !== undefined && this.#leftBytes === 0 && this.#rest.length === 0
    return isWhole ? [] : this.#fail('less than its shape')
  }

  #fail(why: string): Token[] {
    this.#failed = true
    this.#rest = new Uint8Array(0)
    return [new Unreadable(why)]
  }

  /** Reads the header; what of it has to be the same in another file is a token. */
  #begin(header: Uint8Array): Token | undefined {
    const start = header[6] === 1 ? 10 : 12
    const found = dictionary.exec(Buffer.from(header.subarray(start)).toString('latin1'))
    if (found === null) return undefined
    const [, order = '', kind = '', size = '', fortran = '', shape = ''] = found
    const layout = layoutOf(kind, Number(size), order !== '>')
    const lengths = shape.split(',').flatMap((one) => (one.trim() === '' ? [] : [Number(one)]))
    const elements = lengths.reduce((product, one) => product * one, 1)
    const bytes = elements * elementBytes(kind, Number(size))
    if (layout === undefined || !Number.isSafeInteger(bytes)) return undefined
    this.#layout = layout
    this.#leftBytes = bytes
    return `${kind}${size} ${fortran} ${lengths.join(' ')}`
  }
}

/** How long the part before the elements is, as soon as that is known. */
function headerBytes(bytes: Uint8Array): number | undefined | 'no' {
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
  if (magic.some((one, i) => i < bytes.length && bytes[i] !== one)) return 'no'
  const version = bytes[6]
  if (version !== undefined && (version < 1 || version > 3)) return 'no'
  if (bytes.length < 12) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const length = version === 1 ? 10 + view.getUint16(8, true) : 12 + view.getUint32(8, true)
  return length > limits.compareTextBytesMax ? 'no' : length
}

/** A unicode text has four bytes for each letter. */
function elementBytes(kind: string, size: number): number {
  return kind === 'U' ? 4 * size : size
}

function layoutOf(kind: string, size: number, little: boolean): Layout | undefined {
  const number = numbers[`${kind === 'c' ? 'f' : kind}${kind === 'c' ? size / 2 : size}`]
  if (number !== undefined) {
    const bytes = kind === 'c' ? size / 2 : size
    return { bytes, take: (view, at) => number(view, at, little) }
  }
  const bytes = elementBytes(kind, size)
  if (!'bSUVMm'.includes(kind) || bytes === 0 || bytes > limits.compareTextBytesMax)
    return undefined
  // In another order of bytes they would be other texts; then they are not taken for equal.
  return {
    bytes,
    take: (view, at) => Buffer.from(view.buffer, view.byteOffset + at, bytes).toString('latin1'),
  }
}

type TakeNumber = (view: DataView, at: number, little: boolean) => number | bigint

const numbers: Readonly<Record<string, TakeNumber>> = {
  f2: (view, at, little) => half(view.getUint16(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
  i1: (view, at) => view.getInt8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  i8: (view, at, little) => view.getBigInt64(at, little),
  u1: (view, at) => view.getUint8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  u8: (view, at, little) => view.getBigUint64(at, little),
}

/** A float of 16 bits. */
function half(bits: number): number {
  const sign = bits >>> 15 === 1 ? -1 : 1
  const exponent = (bits >>> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}
