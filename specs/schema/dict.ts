import { found } from './place.ts'
import { type Form, headBytes, type Json, type Notes, noted, type Schema } from './schema.ts'
import { byKey, isMap, keyBytes } from './struct.ts'
import type { TextSchema } from './text.ts'

interface Size extends Notes {
  readonly max: number
}

/** A map from names to values, of at most so many entries, as people write it. */
export function dictForm<T>(
  name: Schema<string>,
  item: Form<T>,
  options: Size,
): Form<Readonly<Record<string, T>>> {
  const { max } = options
  return {
    json: {
      type: 'object',
      propertyNames: name.json,
      additionalProperties: item.json,
      maxProperties: max,
      ...noted(options),
    },
    parse(input, place) {
      if (!isMap(input)) {
        return place.fault('document.type', `expected a map, found ${found(input)}`)
      }
      const keys = Object.keys(input)
      if (keys.length > max) {
        return place.fault('document.bounds', `at most ${max} entries, found ${keys.length}`)
      }
      const faultsBefore = place.faults.length
      const value: Record<string, T> = {}
      for (const key of keys) {
        if (place.full) break
        const below = place.below(key)
        if (key === '__proto__') below.fault('document.form', 'a name that programs misread')
        else if (name.parse(key, below) !== undefined) {
          const part = item.parse(input[key], below)
          if (part !== undefined) value[key] = part
        }
      }
      return place.faults.length === faultsBefore ? value : undefined
    },
  }
}

/** A map from names to values, of at most so many entries. */
export function dict<T>(
  name: TextSchema,
  item: Schema<T>,
  options: Size,
): Schema<Readonly<Record<string, T>>> {
  const { max } = options
  return {
    ...dictForm(name, item, options),
    bytesMax: headBytes(max) + max * (name.bytesMax + item.bytesMax),
    depth: item.depth + 1,
    print(value) {
      const printed: Record<string, Json> = {}
      for (const [key, part] of Object.entries(value)) printed[key] = item.print(part)
      return printed
    },
    read(from) {
      const count = from.head(5)
      if (count > max) from.refuse('document.bounds', `at most ${max} entries, found ${count}`)
      const value: Record<string, T> = {}
      let before: Uint8Array | undefined
      for (let i = 0; i < count; i++) {
        const start = from.at
        const key = name.read(from)
        const encoded = from.input.subarray(start, from.at)
        if (before !== undefined && byKey(before, encoded) >= 0) {
          from.refuse('bytes.order', `the key ${key} is out of order or twice`, start)
        }
        if (key === '__proto__') {
          from.refuse('document.form', 'a name that programs misread', start)
        }
        before = encoded
        from.key = key
        value[key] = item.read(from)
      }
      return value
    },
    write(value, to) {
      const keys = Object.keys(value)
      if (keys.length > max || Object.hasOwn(value, '__proto__')) {
        throw new RangeError(`at most ${max} entries with usable names, got ${keys.length}`)
      }
      const inOrder = keys.map((key) => ({ key, bytes: keyBytes(key) }))
      inOrder.sort((a, b) => byKey(a.bytes, b.bytes))
      to.head(5, keys.length)
      for (const { key } of inOrder) {
        name.write(key, to)
        item.write(value[key] as T, to)
      }
    },
  }
}
