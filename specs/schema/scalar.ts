import { copyOf } from '../bytes/copy.ts'
import type { Reader } from '../bytes/reader.ts'
import { fromBase64url, toBase64url } from '../bytes/text.ts'
import type { Writer } from '../bytes/writer.ts'
import { found, type Place } from './place.ts'
import { headBytes, type Notes, noted, type Schema } from './schema.ts'

/** A whole number between two bounds. */
export function int(options: { min: number; max: number } & Notes): Schema<number> {
  const { min, max } = options
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || min > max) {
    throw new RangeError(`int: no integer lies between ${min} and ${max}`)
  }
  const wrong = `a whole number from ${min} to ${max}`
  const fits = (value: unknown) =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
  return {
    json: { type: 'integer', minimum: min, maximum: max, ...noted(options) },
    bytesMax: headBytes(Math.max(Math.abs(min), Math.abs(max))),
    depth: 0,
    parse(input, place) {
      if (typeof input !== 'number' || !Number.isInteger(input)) {
        return place.fault('document.type', `expected ${wrong}, found ${found(input)}`)
      }
      if (!fits(input)) return place.fault('document.bounds', `expected ${wrong}, found ${input}`)
      return input + 0 // -0 becomes 0
    },
    print: (value) => value,
    read(from) {
      const start = from.at
      const value = from.int()
      if (value < min || value > max) from.refuse('document.bounds', `expected ${wrong}`, start)
      return value
    },
    write(value, to) {
      if (!fits(value)) throw new RangeError(`expected ${wrong}, got ${value}`)
      to.int(value)
    },
  }
}

/** True or false. */
export function bool(notes: Notes = {}): Schema<boolean> {
  return {
    json: { type: 'boolean', ...noted(notes) },
    bytesMax: 1,
    depth: 0,
    parse(input, place) {
      if (typeof input === 'boolean') return input
      return place.fault('document.type', `expected true or false, found ${found(input)}`)
    },
    print: (value) => value,
    read: (from) => from.bool(),
    write: (value, to) => to.bool(value),
  }
}

/** Bytes, base64url in JSON: of one size, or of at most so many, and at least so many. */
export function bytes(
  options: ({ size: number } | { min?: number; max: number }) & Notes,
): Schema<Uint8Array> {
  const max = 'size' in options ? options.size : options.max
  const min = 'size' in options ? options.size : (options.min ?? 0)
  const atLeast = min > 0 ? `at least ${min} and ` : ''
  const wrong = min === max ? `${max} bytes` : `${atLeast}at most ${max} bytes`
  return {
    json: {
      type: 'string',
      contentEncoding: 'base64url',
      pattern: '^[A-Za-z0-9_-]*$',
      minLength: Math.ceil((min * 4) / 3),
      maxLength: Math.ceil((max * 4) / 3),
      ...noted(options),
    },
    bytesMax: headBytes(max) + max,
    depth: 0,
    parse(input, place) {
      const value = typeof input === 'string' ? fromBase64url(input) : undefined
      if (value === undefined) {
        return place.fault('document.type', `expected base64url text, found ${found(input)}`)
      }
      if (value.length < min || value.length > max) {
        return place.fault('document.bounds', `expected ${wrong}, found ${value.length}`)
      }
      return value
    },
    print: toBase64url,
    read(from) {
      const start = from.at
      // A copy: what was checked cannot change under us, nor keep a whole frame in memory.
      const value = copyOf(from.bytes(max))
      if (value.length < min) from.refuse('document.bounds', `expected ${wrong}`, start)
      return value
    },
    write(value, to) {
      if (value.length < min || value.length > max) {
        throw new RangeError(`expected ${wrong}, got ${value.length}`)
      }
      to.bytes(value)
    },
  }
}

/** One of a few words. */
export function choice<const W extends string>(words: readonly W[], notes: Notes = {}): Schema<W> {
  const longest = Math.max(...words.map((word) => word.length))
  const known = new Map<string, W>(words.map((word) => [word, word]))
  const wrong = `one of ${words.join(', ')}`
  return {
    json:
      words.length === 1
        ? { const: words[0] as W, ...noted(notes) }
        : { enum: words, ...noted(notes) },
    bytesMax: headBytes(longest) + longest,
    depth: 0,
    parse(input, place) {
      const word = typeof input === 'string' ? known.get(input) : undefined
      return word ?? place.fault('document.choice', `expected ${wrong}, found ${found(input)}`)
    },
    print: (value) => value,
    read(from) {
      const start = from.at
      const word = known.get(from.text(longest))
      return word ?? from.refuse('document.choice', `expected ${wrong}`, start)
    },
    write(value, to) {
      if (!known.has(value)) throw new RangeError(`expected ${wrong}, got ${value}`)
      to.text(value)
    },
  }
}

/** A number that never changes, such as a version. */
export function constant<const N extends number>(only: N, notes: Notes = {}): Schema<N> {
  const whole = int({ min: only, max: only })
  return {
    json: { const: only, ...noted(notes) },
    bytesMax: whole.bytesMax,
    depth: 0,
    parse(input, place) {
      if (input === only) return only
      return place.fault('document.choice', `expected ${only}, found ${found(input)}`)
    },
    print: (value) => value,
    read: (from) => whole.read(from) as N,
    write: (value, to) => whole.write(value, to),
  }
}

/** A value that is a text for people and JSON, and a fixed number of bytes in a document. */
export function spelled<T extends string>(
  options: {
    size: number
    pattern: string
    name: string
    /** The text of the bytes that begin at an offset, or undefined where they are no such value. */
    toText(bytes: Uint8Array, at: number): T | undefined
    /** Puts the bytes of a text in their place; false if it is no such value. */
    toBytes(text: string, into: Uint8Array, at: number): boolean
  } & Notes,
): Schema<T> {
  const { size, name, toText, toBytes } = options
  const scratch = new Uint8Array(size)
  const last: { text: string | undefined; readonly bytes: Uint8Array } = {
    text: undefined,
    bytes: new Uint8Array(size),
  }
  return {
    json: { type: 'string', pattern: options.pattern, ...noted(options) },
    bytesMax: headBytes(size) + size,
    depth: 0,
    parse(input, place: Place) {
      if (typeof input === 'string' && toBytes(input, scratch, 0)) return input as T
      return place.fault('document.form', `expected ${name}, found ${found(input)}`)
    },
    print: (value) => value,
    read(from: Reader) {
      const start = from.at
      const length = from.head(2)
      const at = from.pass(length, start)
      const text = length === size ? toText(from.input, at) : undefined
      return text ?? from.refuse('document.form', `expected ${name}`, start)
    },
    write(value, to: Writer) {
      // Nearly all documents of a process name the same chain and coordinator.
      if (value !== last.text) {
        last.text = undefined
        if (!toBytes(value, last.bytes, 0)) throw new RangeError(`expected ${name}, got ${value}`)
        last.text = value
      }
      to.bytes(last.bytes)
    },
  }
}
