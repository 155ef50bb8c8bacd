import { limits } from '../limits.ts'
import { found } from '../schema/place.ts'
import { type Form, type Notes, noted } from '../schema/schema.ts'

/** A decimal as an integer and the digits after its point: 0.25 is 25 with 2 digits. */
export interface Decimal {
  readonly value: number
  readonly digits: number
}

/** The decimal that a number or text spells exactly, if it is a safe integer with few digits. */
export function decimalOf(input: unknown): Decimal | undefined {
  if (typeof input !== 'number' && typeof input !== 'string') return undefined
  const match = /^(-?)(\d{1,16})(?:\.(\d{1,9}))?(?:e([+-]?\d{1,2}))?$/.exec(String(input))
  if (match === null) return undefined
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  const value = Number(sign + whole + fraction)
  const digits = fraction.length - Number(exponent)
  return atDigits({ value: value + 0, digits }, Math.max(0, digits))
}

/** The same decimal with so many digits, or undefined where it does not fit. */
export function atDigits(decimal: Decimal, digits: number): Decimal | undefined {
  if (digits > limits.sweepDigitsMax) return undefined
  let { value } = decimal
  for (let i = decimal.digits; i < digits; i++) value *= 10
  return Number.isSafeInteger(value) ? { value, digits } : undefined
}

/** A decimal as text, with all its digits. */
export function decimalText({ value, digits }: Decimal): string {
  if (digits === 0) return String(value)
  const all = String(Math.abs(value)).padStart(digits + 1, '0')
  return `${value < 0 ? '-' : ''}${all.slice(0, -digits)}.${all.slice(-digits)}`
}

/** A number that people write in a large unit and that is kept as an integer of a small one. */
export function scaled(options: { min: number; max: number; unit: number } & Notes): Form<number> {
  const { min, max, unit } = options
  const wrong = `a number from ${min / unit} to ${max / unit}`
  return {
    json: { type: 'number', minimum: min / unit, maximum: max / unit, ...noted(options) },
    parse(input, place) {
      if (typeof input !== 'number') {
        return place.fault('document.type', `expected ${wrong}, found ${found(input)}`)
      }
      // Both are held to the bounds: what is just below one could be rounded onto it.
      const value = Math.round(input * unit) + 0
      const within = input >= min / unit && input <= max / unit
      if (within && value >= min && value <= max) return value
      return place.fault('document.bounds', `expected ${wrong}, found ${input}`)
    },
  }
}
