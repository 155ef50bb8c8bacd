import { createPublicKey, verify } from 'node:crypto'
import * as dagCbor from '@ipld/dag-cbor'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { decode, digestOf, encode, fromJson, toJson } from './bytes/bytes.ts'
import { fromHex, toHex } from './bytes/text.ts'
import { changed, vectorsOf } from './emit/vectors.ts'
import { spoiled } from './examples/faults.ts'
import { type Kind, kinds } from './examples/registry.ts'
import { keyOf } from './id/id.ts'
import type { Json } from './schema/schema.ts'
import { open } from './signed/signed.ts'

/** What `vectorsOf` writes: read here as another implementation would read it. */
interface Vectors {
  readonly domain?: string
  readonly valid: readonly {
    readonly name: string
    readonly json: Json
    readonly bytes: string
    readonly digest?: string
    readonly signers?: readonly string[]
    readonly signatures?: readonly string[]
  }[]
  readonly invalidJson: readonly {
    readonly name: string
    readonly json: Json
    readonly code: string
  }[]
  readonly invalidBytes: readonly {
    readonly name: string
    readonly bytes: string
    readonly code: string
  }[]
}

const ajv = new Ajv2020({ strict: false, allErrors: false })

/** What a JSON Schema can say; the other refusals are rules over several keys. */
const structural = /^document\.(type|bounds|choice|missing-key|unknown-key)$/

describe.each(kinds.map((kind) => [kind.name, kind] as const))('%s', (_, kind) => {
  const vectors = vectorsOf(kind) as unknown as Vectors
  const accepts = ajv.compile(kind.schema.json)

  test.each(vectors.valid)('$name: bytes and JSON say the same', ({ json, bytes }) => {
    const read = decode(kind.schema, hex(bytes))
    expect(read.ok && toJson(kind.schema, read.value)).toEqual(json)
    const parsed = fromJson(kind.schema, json)
    expect(parsed.ok && toHex(encode(kind.schema, parsed.value))).toBe(bytes)
    expect(accepts(json), JSON.stringify(accepts.errors)).toBe(true)
  })

  test.each(vectors.valid)('$name: another encoder gives the same bytes', ({ bytes }) => {
    expect(toHex(dagCbor.encode(dagCbor.decode(hex(bytes))))).toBe(bytes)
  })

  if (kind.document !== undefined) signedTests(kind, vectors)

  test.each(vectors.invalidJson)('$name is refused as JSON', ({ json, code }) => {
    const answer = fromJson(kind.schema, json)
    expect(answer.ok || answer.refusal.code).toBe(code)
    if (structural.test(code)) expect(accepts(json)).toBe(false)
  })

  test.each(spoiled[kind.name] ?? [])('$name is refused as bytes', ({ of, at, to, code }) => {
    const value = of === undefined ? Object.values(kind.examples)[0] : kind.examples[of]
    const plain = dagCbor.decode<Json>(encode(kind.schema, value))
    const answer = decode(kind.schema, dagCbor.encode(changed(plain, at, to)))
    expect(answer.ok || answer.refusal.code).toBe(code)
  })

  test.each(vectors.invalidBytes)('$name is refused', ({ bytes, code }) => {
    const answer = decode(kind.schema, hex(bytes))
    expect(answer.ok || answer.refusal.code).toBe(code)
  })
})

function signedTests({ document, schema }: Kind, vectors: Vectors): void {
  if (document === undefined) return

  test.each(vectors.valid)('$name: digest and signatures hold by node:crypto', (vector) => {
    const body = hex(vector.bytes)
    expect(toHex(digestOf(document.domain, body))).toBe(vector.digest)
    const domain = Buffer.from(document.domain)
    const message = Buffer.concat([Buffer.of(domain.length), domain, body])
    const signatures = (vector.signatures ?? []).map(hex)
    expect(signatures.length).toBeGreaterThan(0)
    for (const [i, signature] of signatures.entries()) {
      const x = Buffer.from(keyOf(vector.signers?.[i] ?? '') ?? []).toString('base64url')
      const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
      expect(verify(null, message, key, signature)).toBe(true)
    }
    const opened = open(document, { body, signatures })
    expect(opened.ok && toJson(schema, opened.value)).toEqual(vector.json)
  })

  test.each(vectors.valid)('$name: no flipped bit of body or signature opens', (vector) => {
    const body = hex(vector.bytes)
    const signatures = (vector.signatures ?? []).map(hex)
    for (let i = 0; i < body.length; i += 7) {
      expect(open(document, { body: flipped(body, i), signatures }).ok, `byte ${i}`).toBe(false)
    }
    for (const [i, signature] of signatures.entries()) {
      const forged = signatures.with(i, flipped(signature, 40))
      expect(open(document, { body, signatures: forged }).ok).toBe(false)
    }
  })

  test('a signature of another domain does not open it', () => {
    const [vector] = vectors.valid
    const signatures = (vector?.signatures ?? []).map(hex)
    const other = { ...document, domain: `${document.domain}0` }
    const answer = open(other, { body: hex(vector?.bytes ?? ''), signatures })
    expect(answer.ok || answer.refusal.code).toBe('signature.false')
  })
}

test('domains are unique', () => {
  const domains = kinds.flatMap((kind) => (kind.document ? [kind.document.domain] : []))
  expect(new Set(domains).size).toBe(domains.length)
})

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.with(at, (bytes[at] as number) ^ 1)
}

function hex(text: string): Uint8Array {
  return fromHex(text) as Uint8Array
}
