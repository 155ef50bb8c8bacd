import * as dagCbor from '@ipld/dag-cbor'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decode, encode, fromJson, toJson } from '../../specs/bytes/bytes.ts'
import { toHex } from '../../specs/bytes/text.ts'
import { mutatedBytes, seedOf } from './byte-mutation.ts'
import { Chance } from './chance.ts'
import { mutatedJson } from './json-mutation.ts'
import { fits, memoryOf, plainOf } from './plain-data.ts'
import { type Shape, schemaOf, shapes } from './shape.ts'

/** Any schema that can be written, with data of it and something to draw changes from. */
const cases = shapes.chain((shape) =>
  fc.record({ shape: fc.constant(shape), plain: plainOf(shape), drawn: fc.nat() }),
)

test('any value of any schema is encoded as dag-cbor encodes the same data', () => {
  fc.assert(
    fc.property(cases, ({ shape, plain }) => {
      fc.pre(fits(shape, plain))
      const schema = schemaOf(shape)
      const value = memoryOf(shape, plain)
      const bytes = encode(schema, value)
      expect(toHex(bytes)).toBe(toHex(dagCbor.encode(plain)))
      expect(bytes.length).toBeLessThanOrEqual(schema.bytesMax)
      expect(decode(schema, bytes)).toEqual({ ok: true, value })
    }),
    { numRuns: 500 },
  )
})

test('bytes are accepted if and only if dag-cbor keeps them and their data has the shape', () => {
  const verdicts = { accepted: 0, refused: 0 }
  fc.assert(
    fc.property(cases, ({ shape, plain, drawn }) => {
      const schema = schemaOf(shape)
      const seed = seedOf(dagCbor.encode(plain))
      const chance = new Chance(drawn, 0)
      for (let i = 0; i < 20; i++) {
        const bytes = i === 0 ? seed.bytes : mutatedBytes(seed, [seed], chance)
        const accepted = decode(schema, bytes).ok
        expect(accepted, toHex(bytes)).toBe(judged(shape, bytes))
        verdicts[accepted ? 'accepted' : 'refused']++
      }
    }),
    { numRuns: 400 },
  )
  expect(verdicts.accepted).toBeGreaterThan(500)
  expect(verdicts.refused).toBeGreaterThan(500)
})

test('the JSON Schema accepts whatever is parsed, and what is printed is parsed again', () => {
  const ajv = new Ajv2020({ strict: true, strictTypes: false })
  fc.assert(
    fc.property(cases, ({ shape, plain, drawn }) => {
      fc.pre(fits(shape, plain))
      const schema = schemaOf(shape)
      const accepts = ajv.compile(schema.json)
      const value = memoryOf(shape, plain)
      const json = toJson(schema, value)
      expect(fromJson(schema, JSON.parse(JSON.stringify(json)))).toEqual({ ok: true, value })
      const chance = new Chance(drawn, 1)
      for (let i = 0; i < 20; i++) {
        const input = i === 0 ? json : mutatedJson(json, [json], chance)
        const answer = fromJson(schema, input)
        if (!answer.ok) continue
        expect(accepts(input), JSON.stringify([input, accepts.errors])).toBe(true)
        expect(decode(schema, encode(schema, answer.value)).ok).toBe(true)
      }
    }),
    { numRuns: 200 },
  )
})

/** The same verdict by another road: dag-cbor's reading, and the meaning of the shape. */
function judged(shape: Shape, bytes: Uint8Array): boolean {
  try {
    const plain = dagCbor.decode(bytes)
    return fits(shape, plain) && toHex(dagCbor.encode(plain)) === toHex(bytes)
  } catch (cause) {
    if (cause instanceof Error) return false
    throw cause
  }
}
