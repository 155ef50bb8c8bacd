import { describe, expect, test } from 'vitest'
import { decode, digestOf, encode, fromJson, toJson } from '../bytes/bytes.ts'
import { toHex } from '../bytes/text.ts'
import { type PeerId, peerId } from '../id/id.ts'
import { int } from '../schema/scalar.ts'
import type { Infer } from '../schema/schema.ts'
import { optional, struct } from '../schema/struct.ts'
import { ed25519, type Signer } from './ed25519.ts'
import { leafHash } from './merkle.ts'
import {
  type Document,
  idOf,
  open,
  reopen,
  type Signed,
  sign,
  signBatch,
  signedSchema,
} from './signed.ts'

const noteSchema = struct({
  by: peerId<PeerId>(),
  with: optional(peerId<PeerId>()),
  count: int({ min: 0, max: 1000 }),
})
type Note = Infer<typeof noteSchema>

const note: Document<Note> = {
  domain: 'test/note/1',
  schema: noteSchema,
  signers: (value) => (value.with === undefined ? [value.by] : [value.by, value.with]),
}
const memo: Document<Note> = { ...note, domain: 'test/memo/1' }

const [ann, ben] = [1, 2].map((seed) => ed25519.signer(new Uint8Array(32).fill(seed))) as [
  Signer,
  Signer,
]

/** The code with which a signed note is refused, or `ok`. */
function verdict(signed: Signed<Note>, document = note): string {
  const answer = open(document, signed)
  return answer.ok ? 'ok' : answer.refusal.code
}

describe('a document that one key signs', () => {
  const value = { by: ann.id, count: 5 }
  const signed = sign(note, value, ann)

  test('opens to what was signed', () => {
    expect(open(note, signed)).toEqual({ ok: true, value })
    expect(signed.body).toEqual(encode(noteSchema, value))
  })

  test('is refused with the signature of another key', () => {
    const byBen = sign(note, { by: ben.id, count: 5 }, ben)
    expect(verdict({ ...signed, signatures: byBen.signatures })).toBe('signature.false')
    expect(verdict({ ...byBen, body: signed.body })).toBe('signature.false')
    const forged = { ...signed, signatures: [ben.sign(signed.body)] }
    expect(open(note, forged)).toMatchObject({
      refusal: { at: 'signatures[0]', detail: `signer ${ann.id}` },
    })
  })

  test('is refused in another domain, and without one', () => {
    expect(verdict(signed, memo)).toBe('signature.false')
    expect(verdict({ ...signed, signatures: [ann.sign(signed.body)] })).toBe('signature.false')
  })

  test('is refused when a bit of its body or signature is changed', () => {
    for (let bit = 0; bit < signed.body.length * 8; bit += 7) {
      expect(verdict({ ...signed, body: flipped(signed.body, bit) })).not.toBe('ok')
    }
    const [signature = new Uint8Array()] = signed.signatures
    for (let bit = 0; bit < 512; bit += 11) {
      expect(verdict({ ...signed, signatures: [flipped(signature, bit)] })).toBe('signature.false')
    }
  })

  test('is refused with no signature, and with one too many', () => {
    expect(verdict({ ...signed, signatures: [] })).toBe('signature.count')
    const twice = [...signed.signatures, ...signed.signatures]
    expect(verdict({ ...signed, signatures: twice })).toBe('signature.count')
    expect(verdict({ ...signed, signatures: [new Uint8Array(63)] })).toBe('signature.false')
  })

  test('is refused for its bytes before its signature is looked at', () => {
    expect(verdict({ ...signed, body: Uint8Array.of(0xbf) })).toBe('bytes.indefinite')
  })

  test('is not signed by a key that it does not name', () => {
    expect(() => sign(note, value, ben)).toThrow(`test/note/1 is signed by ${ann.id}`)
    expect(() => sign(note, value)).toThrow(Error)
    expect(() => sign(note, value, ann, ben)).toThrow(Error)
  })
})

describe('a document that two keys sign', () => {
  const value = { by: ann.id, with: ben.id, count: 7 }
  const signed = sign(note, value, ann, ben)

  test('opens with both signatures in their order', () => {
    expect(open(note, signed)).toEqual({ ok: true, value })
    expect(verdict({ ...signed, signatures: signed.signatures.toReversed() })).toBe(
      'signature.false',
    )
    expect(() => sign(note, value, ben, ann)).toThrow(Error)
  })

  test('is refused with one of them, or one of them twice', () => {
    const [first, second] = signed.signatures as [Uint8Array, Uint8Array]
    expect(verdict({ ...signed, signatures: [first] })).toBe('signature.count')
    expect(verdict({ ...signed, signatures: [first, first] })).toBe('signature.false')
    expect(verdict({ ...signed, signatures: [second, second] })).toBe('signature.false')
  })

  test('is never part of a batch', () => {
    expect(() => signBatch(note, [value], ann)).toThrow('not all test/note/1 are signed by')
    const batch = { index: 0, size: 1, path: [] }
    expect(verdict({ ...signed, batch })).toBe('signature.batch')
  })
})

test('a document that nobody must sign is not opened', () => {
  const nobody: Document<Note> = { ...note, signers: () => [] }
  const body = encode(noteSchema, { by: ann.id, count: 1 })
  expect(verdict({ body, signatures: [] }, nobody)).toBe('signature.count')
})

describe('a batch', () => {
  const values = Array.from({ length: 11 }, (_, count) => ({ by: ann.id, count }))
  const batch = signBatch(note, values, ann)

  test('of any size opens one by one', () => {
    for (const size of [1, 2, 3, 8, 11, 256]) {
      const many = Array.from({ length: size }, (_, count) => ({ by: ann.id, count }))
      for (const [i, signed] of signBatch(note, many, ann).entries()) {
        expect(open(note, signed)).toEqual({ ok: true, value: many[i] })
      }
    }
    expect(signBatch(note, [], ann)).toEqual([])
  })

  test('has one signature', () => {
    expect(new Set(batch.map(({ signatures: [only] }) => toHex(only as Uint8Array))).size).toBe(1)
  })

  test('of more than the limit, or of several signers, is not signed', () => {
    const many = Array.from({ length: 257 }, () => ({ by: ann.id, count: 0 }))
    expect(() => signBatch(note, many, ann)).toThrow('at most 256 a batch')
    const mixed = [...values, { by: ben.id, count: 1 }]
    expect(() => signBatch(note, mixed, ann)).toThrow('not all test/note/1 are signed by')
  })

  test('does not open with the path, index or size of another', () => {
    for (const [i, signed] of batch.entries()) {
      for (const [j, other] of batch.entries()) {
        if (i !== j && other.batch !== undefined) {
          expect(verdict({ ...signed, batch: other.batch })).not.toBe('ok')
        }
      }
      const own = signed.batch
      if (own === undefined) throw new Error('not in a batch')
      for (let size = 0; size <= 20; size++) {
        const other = { ...signed, batch: { ...own, size } }
        expect(verdict(other) === 'ok').toBe(size === own.size)
      }
      for (let index = 0; index < 11; index++) {
        const other = { ...signed, batch: { ...own, index } }
        expect(verdict(other) === 'ok').toBe(index === own.index)
      }
    }
  })

  test('does not lend its signature to a body that is not in it', () => {
    const [signed] = batch as [Signed<Note>]
    const body = encode(noteSchema, { by: ann.id, count: 999 })
    expect(verdict({ ...signed, body })).toBe('signature.false')
    const byBen = encode(noteSchema, { by: ben.id, count: 0 })
    expect(verdict({ ...signed, body: byBen })).toBe('signature.false')
  })

  test('does not pass for a document alone, nor one alone for a batch of one', () => {
    const [only] = signBatch(note, [{ by: ann.id, count: 3 }], ann) as [Signed<Note>]
    expect(verdict({ body: only.body, signatures: only.signatures })).toBe('signature.false')
    const alone = sign(note, { by: ann.id, count: 3 }, ann)
    expect(verdict({ ...alone, batch: { index: 0, size: 1, path: [] } })).toBe('signature.false')
    const overRoot = { ...alone, signatures: [ann.sign(leafHash(alone.body))] }
    expect(verdict({ ...overRoot, batch: { index: 0, size: 1, path: [] } })).toBe('signature.false')
  })

  test('is refused in another domain', () => {
    for (const signed of batch) expect(verdict(signed, memo)).toBe('signature.false')
  })

  test('is verified for its own signer though the signature is known to be good', () => {
    const [signed] = batch as [Signed<Note>]
    expect(verdict(signed)).toBe('ok')
    const claimed: Document<Note> = { ...note, signers: () => [ben.id] }
    expect(verdict(signed, claimed)).toBe('signature.false')
  })

  test('goes on opening when many batches came in between', () => {
    const many = Array.from({ length: 1200 }, (_, i) =>
      signBatch(note, [{ by: ann.id, count: i % 1000 }], ann),
    )
    for (const [signed] of many) expect(verdict(signed as Signed<Note>)).toBe('ok')
    expect(verdict(batch[0] as Signed<Note>)).toBe('ok')
  })
})

describe('a signed document as it travels', () => {
  const schema = signedSchema(note, 2)
  const alone = sign(note, { by: ann.id, with: ben.id, count: 5 }, ann, ben)
  const [, inBatch] = signBatch(
    note,
    [1, 2, 3].map((count) => ({ by: ann.id, count })),
    ann,
  )

  test.each([alone, inBatch as Signed<Note>])(
    'keeps its bytes through bytes and JSON',
    (signed) => {
      const bytes = encode(schema, signed)
      const decoded = decode(schema, bytes)
      if (!decoded.ok) throw new Error(JSON.stringify(decoded.refusal))
      expect(open(note, decoded.value).ok).toBe(true)
      const json = toJson(schema, decoded.value)
      expect(json).toMatchObject({ body: { by: ann.id } })
      const parsed = fromJson(schema, JSON.parse(JSON.stringify(json)))
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal))
      expect(encode(schema, parsed.value)).toEqual(bytes)
    },
  )

  test('is refused if its body is none of its schema, so that what was read can be printed', () => {
    const body = Uint8Array.of(0xa1, 0x61, 0x78, 0)
    const answer = decode(schema, encode(schema, { ...alone, body }))
    expect(answer.ok ? {} : answer.refusal).toMatchObject({
      code: 'document.unknown-key',
      detail: expect.stringMatching(/^in its body: byte 1: "x": known are/),
    })
  })

  test('is refused in JSON with the place of a fault in its body', () => {
    const answer = fromJson(schema, { body: { by: ann.id, count: -1 }, signatures: [] })
    if (answer.ok) throw new Error('it was taken')
    const places = [answer.refusal, ...(answer.others ?? [])].map(({ at }) => at)
    expect(places).toEqual(['body.count', 'signatures'])
  })
})

test('a document is called by the digest of its body in its domain', () => {
  const body = encode(noteSchema, { by: ann.id, count: 1 })
  expect(idOf(note, body)).toBe(toHex(digestOf('test/note/1', body)))
  expect(idOf(note, body)).not.toBe(idOf(memo, body))
})

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  return bytes.with(bit >> 3, (bytes[bit >> 3] as number) ^ (1 << (bit & 7)))
}

describe('a document that was read', () => {
  const schema = signedSchema(note)
  const value = { by: ann.id, count: 5 }
  const answer = decode(schema, encode(schema, sign(note, value, ann)))
  if (!answer.ok) throw new Error(answer.refusal.code)
  const read = answer.value

  test('says what its own bytes say, also in a copy with others', () => {
    expect(open(note, read)).toEqual({ ok: true, value })
    const other = sign(note, { by: ann.id, count: 6 }, ann)
    expect(open(note, { ...read, ...other })).toMatchObject({ value: { count: 6 } })
    expect(reopen(note, { ...read, body: other.body })).toMatchObject({ value: { count: 6 } })
    expect(verdict({ ...read, body: other.body })).toBe('signature.false')
  })

  test('says nothing in another domain', () => {
    expect(verdict(read, memo)).toBe('signature.false')
  })

  test('is reopened without a look at its signatures, and with one at its bytes', () => {
    const forged = { ...read, signatures: [new Uint8Array(64)] }
    expect(verdict(forged)).toBe('signature.false')
    expect(reopen(note, forged)).toEqual({ ok: true, value })
    expect(reopen(note, { ...forged, body: forged.body.slice(1) }).ok).toBe(false)
  })
})
