import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode, encode, fromJson } from '../bytes/bytes.ts'
import { fromHex, toHex } from '../bytes/text.ts'
import { toPeerText } from './base58.ts'
import { isKey } from './ed25519-key.ts'
import {
  type CidCodec,
  cid,
  cidBytes,
  cidOf,
  type Digest,
  digest,
  digestBytes,
  digestText,
  keyOf,
  peerId,
  peerOf,
} from './id.ts'
import vectors from './vectors.json' with { type: 'json' }

const hex = (digits: string) => fromHex(digits) ?? new Uint8Array()

describe('a PeerId', () => {
  test.each(vectors.peers)('is the text of $name, both ways', ({ key, peer }) => {
    expect(peerOf(hex(key))).toEqual({ ok: true, value: peer })
    expect(toHex(keyOf(peer) ?? new Uint8Array())).toBe(key)
    const bytes = encode(peerId(), peer as never)
    expect(toHex(bytes)).toBe(`5820${key}`)
    expect(decode(peerId(), bytes)).toEqual({ ok: true, value: peer })
  })

  test.each(vectors.refusedPeers)('is not read where there is $name', ({ text }) => {
    expect(keyOf(text)).toBeUndefined()
    const parsed = fromJson(peerId(), text)
    expect(parsed.ok ? 'accepted' : parsed.refusal.code).toBe('document.form')
  })

  test.each(vectors.unsafeKeys)('is refused to $name', ({ key }) => {
    expect(isKey(hex(key))).toBe(false)
    const peer = peerOf(hex(key))
    expect(peer.ok ? 'accepted' : peer.refusal.code).toBe('document.form')
    const decoded = decode(peerId(), hex(`5820${key}`))
    expect(decoded.ok ? 'accepted' : decoded.refusal.code).toBe('document.form')
    expect(() => encode(peerId(), toPeerText(hex(key)) as never)).toThrow(RangeError)
  })

  test('has 32 bytes, no more and no fewer', () => {
    for (const length of [0, 1, 31, 33, 64]) {
      expect(peerOf(new Uint8Array(length).fill(7)).ok).toBe(false)
    }
  })
})

describe('a digest', () => {
  test('is 64 lower-case digits, both ways', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const text = digestText(bytes)
        expect(text).toBe(Buffer.from(bytes).toString('hex'))
        expect(digestBytes(text)).toEqual(bytes)
        expect(decode(digest(), encode(digest(), text))).toEqual({ ok: true, value: text })
      }),
    )
  })

  test.each(['', 'AB'.repeat(32), 'ab'.repeat(31), 'ab'.repeat(33), `${'ab'.repeat(31)}a`, '0x'])(
    'is not %j',
    (text) => {
      const parsed = fromJson(digest(), text)
      expect(parsed.ok ? 'accepted' : parsed.refusal.code).toBe('document.form')
      expect(() => encode(digest(), text as Digest)).toThrow(RangeError)
    },
  )

  test('of another length is a bug of ours', () => {
    expect(() => digestText(new Uint8Array(31))).toThrow('a digest has 32 bytes, got 31')
  })
})

describe('a CID', () => {
  test.each(vectors.cids)('of $codec is written like any IPFS tool does', (vector) => {
    const made = cidOf(vector.codec as CidCodec, hex(vector.sha256))
    expect(made).toBe(vector.cid)
    expect(decode(cid(), encode(cid(), made))).toEqual({ ok: true, value: vector.cid })
    expect(fromJson(cid(), vector.cid)).toEqual({ ok: true, value: vector.cid })
  })

  test.each(vectors.refusedCids)('is not read where there is $name', ({ text }) => {
    expect(cidBytes(text)).toBeUndefined()
    const parsed = fromJson(cid(), text)
    expect(parsed.ok ? 'accepted' : parsed.refusal.code).toBe('document.form')
    expect(() => encode(cid(), text as never)).toThrow(RangeError)
  })

  test('of another length of hash is a bug of ours', () => {
    expect(() => cidOf('raw', new Uint8Array(31))).toThrow('a SHA-256 has 32 bytes, got 31')
  })
})
