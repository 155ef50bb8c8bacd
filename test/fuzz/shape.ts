import fc from 'fast-check'
import { cid, digest, peerId } from '../../specs/id/id.ts'
import { dict } from '../../specs/schema/dict.ts'
import { list } from '../../specs/schema/list.ts'
import { oneOf } from '../../specs/schema/one-of.ts'
import { bool, bytes, choice, constant, int } from '../../specs/schema/scalar.ts'
import type { Schema } from '../../specs/schema/schema.ts'
import { optional, struct } from '../../specs/schema/struct.ts'
import { text } from '../../specs/schema/text.ts'

/** What a schema says, as data: so that a second reading of it can be held against the first. */
export type Shape =
  | { readonly kind: 'int'; readonly min: number; readonly max: number }
  | { readonly kind: 'bool' | 'digest' | 'peer' | 'cid' }
  | { readonly kind: 'constant'; readonly only: number }
  | { readonly kind: 'choice'; readonly words: readonly string[] }
  | { readonly kind: 'bytes'; readonly size: number }
  | { readonly kind: 'blob' | 'line' | 'raw'; readonly max: number }
  | { readonly kind: 'list'; readonly of: Shape; readonly min: number; readonly max: number }
  | { readonly kind: 'dict'; readonly of: Shape; readonly max: number }
  | { readonly kind: 'map'; readonly fields: Fields }
  | { readonly kind: 'variants'; readonly variants: Readonly<Record<string, Fields>> }

/** The keys of a map, each with its shape, and whether it may be left out. */
export type Fields = Readonly<Record<string, { readonly of: Shape; readonly optional: boolean }>>

/** The schema that says what a shape says. */
export function schemaOf(shape: Shape): Schema<unknown> {
  switch (shape.kind) {
    case 'int':
      return int(shape)
    case 'bool':
      return bool()
    case 'digest':
      return digest()
    case 'peer':
      return peerId()
    case 'cid':
      return cid()
    case 'constant':
      return constant(shape.only)
    case 'choice':
      return choice(shape.words)
    case 'bytes':
      return bytes({ size: shape.size })
    case 'blob':
      return bytes({ max: shape.max })
    case 'line':
    case 'raw':
      return text({ kind: shape.kind, max: shape.max })
    case 'list':
      return list(schemaOf(shape.of), shape)
    case 'dict':
      return dict(text({ kind: 'line', max: 40 }), schemaOf(shape.of), shape)
    case 'map':
      return struct(fieldsOf(shape.fields))
    case 'variants':
      return oneOf(mapped(shape.variants, fieldsOf)) as Schema<unknown>
  }
}

function fieldsOf(fields: Fields) {
  return mapped(fields, (field) =>
    field.optional ? optional(schemaOf(field.of)) : schemaOf(field.of),
  )
}

function mapped<A, B>(map: Readonly<Record<string, A>>, make: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, make(value)]))
}

const bound = fc.oneof(
  fc.constantFrom(0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1),
  fc.nat(),
)
const size = fc.constantFrom(0, 1, 23, 24, 32, 255, 256, 300)
const key = fc.constantFrom('a', 'b', 'z', 'aa', 'ab', 'type2', 'zz', 'count', 'é', 'a-key')
const leaf: fc.Arbitrary<Shape> = fc.oneof(
  fc.tuple(bound, bound, fc.boolean(), fc.boolean()).map(([a, b, minusA, minusB]) => {
    const [one, other] = [minusA ? -a : a, minusB ? -b : b]
    return { kind: 'int' as const, min: Math.min(one, other) + 0, max: Math.max(one, other) + 0 }
  }),
  fc
    .constantFrom('bool' as const, 'digest' as const, 'peer' as const, 'cid' as const)
    .map((kind) => ({ kind })),
  bound.map((only) => ({ kind: 'constant' as const, only })),
  fc
    .constantFrom(['one'], ['one', 'two', 'three'])
    .map((words) => ({ kind: 'choice' as const, words })),
  size.map((bytes) => ({ kind: 'bytes' as const, size: bytes })),
  fc.record({ kind: fc.constantFrom('blob' as const, 'line' as const, 'raw' as const), max: size }),
)

/** Shapes of all kinds, some levels deep. */
export const shapes: fc.Arbitrary<Shape> = fc.letrec<{ shape: Shape; fields: Fields }>((tie) => ({
  fields: fc.dictionary(key, fc.record({ of: tie('shape'), optional: fc.boolean() }), {
    maxKeys: 5,
  }),
  shape: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc
      .record({ of: tie('shape'), min: fc.nat({ max: 2 }), more: fc.nat({ max: 30 }) })
      .map(({ of, min, more }) => ({ kind: 'list' as const, of, min, max: min + more })),
    fc
      .record({ of: tie('shape'), max: fc.nat({ max: 5 }) })
      .map((made) => ({ kind: 'dict' as const, ...made })),
    tie('fields').map((fields) => ({ kind: 'map' as const, fields })),
    fc
      .dictionary(fc.constantFrom('dot', 'line', 'x'), tie('fields'), { minKeys: 1, maxKeys: 3 })
      .map((variants) => ({ kind: 'variants' as const, variants })),
  ),
})).shape
