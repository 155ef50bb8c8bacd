/** A number as a text spells it: all of its digits count. */
export class Decimal {
  readonly text: string
  readonly value: number

  constructor(text: string) {
    this.text = text
    this.value = Number(text)
  }
}

/** What a file cannot be read on from, in words. It is equal to nothing. */
export class Unreadable {
  readonly why: string

  constructor(why: string) {
    this.why = why
  }
}

/** A number of a file, kept as exactly as it is written there. */
export type Numeric = number | bigint | Decimal

/** The next piece of a file: a number, or a text that has to be the same. */
export type Token = Numeric | string | Unreadable

/** Reads a file piece by piece, and holds no more of it than one token. */
export interface Reader {
  push(bytes: Uint8Array): Token[]
  /** What is left when the file has ended. */
  end(): Token[]
}

/** The number that a plain word spells; a text with more digits than this has is no number. */
export function numberIn(text: string): Numeric | undefined {
  if (decimal.test(text) && text.length <= digitsMax) return new Decimal(text)
  const named = /^([+-]?)(?:(nan)|inf(?:inity)?)$/i.exec(text)
  if (named === null) return undefined
  if (named[2] !== undefined) return Number.NaN
  return named[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}

/** Three digits of an exponent: ten to that power is as much as a comparison may compute with. */
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i
/** The longest text that is read as a number: nobody prints more digits than these. */
const digitsMax = 400
