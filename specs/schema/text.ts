import { found } from './place.ts'
import { headBytes, type Notes, noted, type Schema } from './schema.ts'

const encoder = new TextEncoder()

/**
 * What a line of text leaves out: control characters, line and paragraph separators, marks that
 * reorder what surrounds them, the byte order mark. A name with them can lie about its neighbours.
 */
const unseen =
  '\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff'
const kinds = {
  /** One line for people. */
  line: { pattern: `^[^${unseen}]*$`, wrong: 'one line without control characters' },
  /** Several lines for people. */
  lines: {
    pattern: `^(?:[^${unseen}]|[\\n\\t])*$`,
    wrong: 'text without control characters',
  },
  /**
   * For programs: anything but NUL, which no argument or variable of a process can hold, and a byte
   * order mark in front, which other decoders of UTF-8 take away: they would see another document.
   */
  raw: {
    pattern: '^(?!\\ufeff)[^\\u0000]*$',
    wrong: 'text without NUL, and without a byte order mark in front',
  },
}

/** The schema of a text, which alone the keys of a map can have. */
export interface TextSchema extends Schema<string> {
  readonly isText: true
}

/** Text of at most so many bytes in UTF-8: of a kind, or of a pattern that says all. */
export function text(
  options: { max: number; min?: number } & (
    | { kind: keyof typeof kinds }
    | { pattern: string; name: string }
  ) &
    Notes,
): TextSchema {
  const { max, min = 0 } = options
  const rule = 'kind' in options ? kinds[options.kind] : options
  const wrong = 'kind' in options ? kinds[options.kind].wrong : options.name
  const matcher = new RegExp(rule.pattern, 'u')
  const size = `${min} to ${max} bytes`
  const accepts = (value: string) => value.isWellFormed() && matcher.test(value)
  return {
    json: {
      type: 'string',
      ...(min > 0 ? { minLength: 1 } : {}),
      maxLength: max,
      pattern: rule.pattern,
      ...noted(options),
    },
    isText: true,
    bytesMax: headBytes(max) + max,
    depth: 0,
    parse(input, place) {
      if (typeof input !== 'string') {
        return place.fault('document.type', `expected text, found ${found(input)}`)
      }
      const length = utf8Length(input)
      if (length < min || length > max) {
        return place.fault('document.bounds', `expected ${size}, found ${length}`)
      }
      if (accepts(input)) return input
      return place.fault('document.form', `expected ${wrong}, found ${found(input)}`)
    },
    print: (value) => value,
    read(from) {
      const start = from.at
      const value = from.text(max)
      if (min > 0 && utf8Length(value) < min) {
        from.refuse('document.bounds', `expected ${size}`, start)
      }
      return accepts(value) ? value : from.refuse('document.form', `expected ${wrong}`, start)
    },
    write(value, to) {
      const length = utf8Length(value)
      if (length < min || length > max || !accepts(value)) {
        throw new RangeError(`expected ${size}, ${wrong}, got ${found(value)}`)
      }
      to.text(value)
    },
  }
}

/** How many bytes a text takes in UTF-8. */
export function utf8Length(value: string): number {
  for (let i = 0; i < value.length; i++) {
    if (value.charCodeAt(i) > 0x7f) return encoder.encode(value).length
  }
  return value.length
}
