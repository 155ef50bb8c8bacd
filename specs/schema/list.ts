import { found } from './place.ts'
import { type Form, headBytes, type Notes, noted, type Schema } from './schema.ts'

interface Size extends Notes {
  readonly min?: number
  readonly max: number
}

/** A list of at most so many items that people write. */
export function listForm<T>(item: Form<T>, options: Size): Form<readonly T[]> {
  const { min = 0, max } = options
  const size = `${min} to ${max} items`
  return {
    json: {
      type: 'array',
      items: item.json,
      ...(min > 0 ? { minItems: min } : {}),
      maxItems: max,
      ...noted(options),
    },
    parse(input, place) {
      if (!Array.isArray(input)) {
        return place.fault('document.type', `expected a list, found ${found(input)}`)
      }
      if (input.length < min || input.length > max) {
        return place.fault('document.bounds', `expected ${size}, found ${input.length}`)
      }
      const list: T[] = []
      for (let i = 0; i < input.length && !place.full; i++) {
        const value = item.parse(input[i], place.below(i))
        if (value !== undefined) list.push(value)
      }
      return list.length === input.length ? list : undefined
    },
  }
}

/** A list of at most so many items. */
export function list<T>(item: Schema<T>, options: Size): Schema<readonly T[]> {
  const { min = 0, max } = options
  const size = `${min} to ${max} items`
  return {
    ...listForm(item, options),
    bytesMax: headBytes(max) + max * item.bytesMax,
    depth: item.depth + 1,
    print: (value) => value.map((one) => item.print(one)),
    read(from) {
      const start = from.at
      const length = from.head(4)
      if (length < min || length > max) {
        from.refuse('document.bounds', `expected ${size}, found ${length}`, start)
      }
      const value: T[] = []
      for (let i = 0; i < length; i++) value.push(item.read(from))
      return value
    },
    write(value, to) {
      if (value.length < min || value.length > max) {
        throw new RangeError(`expected ${size}, got ${value.length}`)
      }
      to.head(4, value.length)
      for (const one of value) item.write(one, to)
    },
  }
}
