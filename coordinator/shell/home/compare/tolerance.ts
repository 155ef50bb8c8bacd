import { Decimal, type Numeric } from './token.ts'

/** How far two numbers may be apart. */
export class Tolerance {
  readonly #absolute: Decimal
  readonly #relative: Decimal

  constructor({ absolute, relative }: { readonly absolute: string; readonly relative: string }) {
    this.#absolute = new Decimal(absolute)
    this.#relative = new Decimal(relative)
  }

  /**
   * Whether two numbers are apart by no more than `absolute`, or than `relative` of the larger one.
   * It is exact: where doubles cannot tell, the digits are computed with as they are written.
   */
  holds(a: Numeric, b: Numeric): boolean {
    const [x, y] = [doubleOf(a), doubleOf(b)]
    if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) && Number.isNaN(y)
    if (isInfinite(a) || isInfinite(b)) return isInfinite(a) && isInfinite(b) && x === y
    const larger = Math.max(Math.abs(x), Math.abs(y))
    const apart = Math.abs(x - y)
    const most = Math.max(this.#absolute.value, this.#relative.value * larger)
    const unsure = 2 ** -49 * (larger + most) + 2 ** -1060
    if (apart + unsure <= most) return true
    if (apart - unsure > most) return false
    return this.#holdsExactly(exactly(a), exactly(b))
  }

  #holdsExactly(a: Exact, b: Exact): boolean {
    const apart = absolute(minus(a, b))
    if (!isMore(apart, exactly(this.#absolute))) return true
    const larger = isMore(absolute(a), absolute(b)) ? absolute(a) : absolute(b)
    return !isMore(apart, times(exactly(this.#relative), larger))
  }
}

/** An integer times a power of two and one of ten. */
interface Exact {
  readonly integer: bigint
  readonly two: number
  readonly ten: number
}

function doubleOf(a: Numeric): number {
  return a instanceof Decimal ? a.value : Number(a)
}

/** Whether it was written as infinite: a text of too large a number was not. */
function isInfinite(a: Numeric): boolean {
  return a === Number.POSITIVE_INFINITY || a === Number.NEGATIVE_INFINITY
}

function exactly(a: Numeric): Exact {
  if (typeof a === 'bigint') return { integer: a, two: 0, ten: 0 }
  if (typeof a === 'number') return ofDouble(a)
  const [mantissa = '', exponent = '0'] = a.text.toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const sign = whole.startsWith('-') ? -1n : 1n
  const digits = BigInt(`${whole.replace(/^[+-]/, '')}${fraction}`)
  return { integer: sign * digits, two: 0, ten: Number(exponent) - fraction.length }
}

/** A finite double is an integer of 53 bits times a power of two. */
function ofDouble(a: number): Exact {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, a)
  const high = bits.getUint32(0)
  const exponent = (high >>> 20) & 0x7ff
  const fraction = (BigInt(high & 0xfffff) << 32n) | BigInt(bits.getUint32(4))
  const integer = exponent === 0 ? fraction : fraction | (1n << 52n)
  return { integer: a < 0 ? -integer : integer, two: Math.max(exponent, 1) - 1075, ten: 0 }
}

function minus(a: Exact, b: Exact): Exact {
  const [x, y, two, ten] = alike(a, b)
  return { integer: x - y, two, ten }
}

function times(a: Exact, b: Exact): Exact {
  return { integer: a.integer * b.integer, two: a.two + b.two, ten: a.ten + b.ten }
}

function absolute(a: Exact): Exact {
  return a.integer < 0n ? { ...a, integer: -a.integer } : a
}

function isMore(a: Exact, b: Exact): boolean {
  const [x, y] = alike(a, b)
  return x > y
}

/** Two numbers as integers of the same powers. */
function alike(a: Exact, b: Exact): [bigint, bigint, number, number] {
  const two = Math.min(a.two, b.two)
  const ten = Math.min(a.ten, b.ten)
  const scaled = (one: Exact) => {
    return one.integer * 2n ** BigInt(one.two - two) * 10n ** BigInt(one.ten - ten)
  }
  return [scaled(a), scaled(b), two, ten]
}
