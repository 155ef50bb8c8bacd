import fc from 'fast-check'
import { toBase64url, toHex } from '../../specs/bytes/text.ts'
import { toPeerText } from '../../specs/id/base58.ts'
import { cidOf } from '../../specs/id/id.ts'
import type { Json, JsonSchema } from '../../specs/schema/schema.ts'

/**
 * Values that a JSON Schema takes, as far as it can say: the rules over several keys are broken as
 * often as chance has it.
 */
export function arbitraryOf(schema: JsonSchema): fc.Arbitrary<Json> {
  if ('const' in schema) return fc.constant(schema.const as Json)
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as Json[]))
  if (Array.isArray(schema.oneOf) && schema.properties === undefined) {
    return fc.oneof(...schema.oneOf.map((one) => arbitraryOf(one as JsonSchema)))
  }
  switch (schema.type) {
    case 'integer':
      return integers(schema.minimum as number, schema.maximum as number)
    case 'boolean':
      return fc.boolean()
    case 'string':
      return texts(schema)
    case 'array':
      return lists(schema)
    case 'object':
      return maps(schema)
    default:
      return fc.jsonValue() as fc.Arbitrary<Json>
  }
}

function integers(min: number, max: number): fc.Arbitrary<number> {
  return fc.oneof(fc.constantFrom(min, max), fc.integer({ min, max: Math.min(max, min + 300) }))
}

const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
const codec = fc.constantFrom('raw' as const, 'dag-pb' as const, 'dag-cbor' as const)

/** Texts whose pattern stands for bytes, which chance alone would never spell. */
const spelled: readonly (readonly [string, fc.Arbitrary<string>])[] = [
  ['^12D3KooW', key.map(toPeerText)],
  ['^[0-9a-f]{64}$', key.map(toHex)],
  ['^b[a-z2-7]{58}$', fc.tuple(codec, key).map(([kind, sha256]) => cidOf(kind, sha256))],
]

function texts(schema: JsonSchema): fc.Arbitrary<string> {
  const pattern = String(schema.pattern ?? '')
  const known = spelled.find(([start]) => pattern.startsWith(start))
  if (known !== undefined) return known[1]
  const max = (schema.maxLength as number | undefined) ?? 64
  if (schema.contentEncoding !== undefined) {
    const [least, most] = [schema.minLength as number, Math.min(max, 64)]
    const size = { minLength: digits(least), maxLength: Math.max(digits(least), digits(most)) }
    return fc.uint8Array(size).map(toBase64url)
  }
  const minLength = schema.minLength === undefined ? 0 : 1
  const anything = fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(max, 24) })
  if (pattern === '' || pattern.includes('[^')) return anything
  return fc.stringMatching(new RegExp(pattern, 'u'), { maxLength: max })
}

/** How many bytes so many digits of base 64 spell. */
function digits(length: number): number {
  return Math.floor((length * 3) / 4)
}

function lists(schema: JsonSchema): fc.Arbitrary<Json[]> {
  const minLength = (schema.minItems as number | undefined) ?? 0
  const maxLength = Math.min(schema.maxItems as number, minLength + 3)
  return fc.array(arbitraryOf(schema.items as JsonSchema), { minLength, maxLength })
}

function maps(schema: JsonSchema): fc.Arbitrary<{ [key: string]: Json }> {
  if (schema.propertyNames !== undefined) {
    const names = texts(schema.propertyNames as JsonSchema)
    const values = arbitraryOf(schema.additionalProperties as JsonSchema)
    const entries = fc.array(fc.tuple(names, values), { maxLength: 3 })
    return entries.map((pairs) => Object.fromEntries(pairs))
  }
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)
  const fields = Object.fromEntries(properties.map(([name, one]) => [name, arbitraryOf(one)]))
  return fc.record(fields, { requiredKeys: (schema.required ?? []) as string[] })
}
