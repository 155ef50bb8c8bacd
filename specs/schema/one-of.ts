import { found } from './place.ts'
import { choice } from './scalar.ts'
import { type Notes, noted, type Schema } from './schema.ts'
import { type Fields, isMap, keyBytes, type Struct, struct } from './struct.ts'

/** A map whose `type` says which of several sets of keys it has. */
export type OneOf<V> = {
  [K in keyof V & string]: Simplify<{ readonly type: K } & Struct<V[K]>>
}[keyof V & string]

type Simplify<T> = { [K in keyof T]: T[K] } & {}

const typeKey = keyBytes('type')

/** One of several maps, told apart by the word at their key `type`. */
export function oneOf<const V extends { readonly [type: string]: Fields<Schema<unknown>> }>(
  variants: V,
  notes: Notes = {},
): Schema<OneOf<V>> {
  const types = Object.keys(variants)
  const schemas = new Map<string, Schema<OneOf<V>>>()
  for (const type of types) {
    const fields = { type: choice([type]), ...variants[type] }
    schemas.set(type, struct(fields) as unknown as Schema<OneOf<V>>)
  }
  const all = [...schemas.values()]
  const depth = Math.max(...all.map((schema) => schema.depth))
  const tag = choice(types)
  const of = (value: OneOf<V>) => schemas.get(value.type) as Schema<OneOf<V>>
  return {
    json: { oneOf: all.map((schema) => schema.json), ...noted(notes) },
    bytesMax: Math.max(...all.map((schema) => schema.bytesMax)),
    depth,
    parse(input, place) {
      if (!isMap(input)) {
        return place.fault('document.type', `expected a map, found ${found(input)}`)
      }
      if (!Object.hasOwn(input, 'type')) {
        return place.below('type').fault('document.missing-key', `one of ${types.join(', ')}`)
      }
      const type = tag.parse(input.type, place.below('type'))
      return type === undefined ? undefined : schemas.get(type)?.parse(input, place)
    },
    print: (value) => of(value).print(value),
    read(from) {
      const start = from.at
      const count = from.head(5)
      for (let i = 0; i < count; i++) {
        if (!from.skipIf(typeKey)) {
          from.skip(0)
          from.skip(depth)
          continue
        }
        from.key = 'type'
        const schema = schemas.get(tag.read(from)) as Schema<OneOf<V>>
        from.at = start
        return schema.read(from)
      }
      return from.refuse('document.missing-key', `type: one of ${types.join(', ')}`, start)
    },
    write(value, to) {
      const schema = of(value)
      if (schema === undefined) throw new RangeError(`no variant ${String(value.type)}`)
      schema.write(value, to)
    },
  }
}
