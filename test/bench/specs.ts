import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import * as dagCbor from '@ipld/dag-cbor'
import { sign as signByNoble, verify as verifyByNoble } from '@noble/ed25519'
import { decode, encode, fromJson, inDomain, toJson } from '../../specs/bytes/bytes.ts'
import { sha256 } from '../../specs/bytes/digest.ts'
import { kinds } from '../../specs/examples/registry.ts'
import { fromPeerText, toPeerText } from '../../specs/id/base58.ts'
import { keyOf, type NodeId } from '../../specs/id/id.ts'
import { type Receipt, receiptDocument } from '../../specs/receipt/receipt.ts'
import { native, portable, type Signer } from '../../specs/signed/ed25519.ts'
import { open, signBatch, sign as signDocument } from '../../specs/signed/signed.ts'
import type { Measure } from './harness.ts'

/** So many different documents that nothing is measured which a mesh would not repeat. */
const many = 1024
const { schema } = receiptDocument

/** The encoding, signatures and identifiers of specs, each beside the bare library. */
export function measures(): Measure[] {
  const seed = new Uint8Array(32).fill(7)
  const signer = portable.signer(seed)
  const receipts = receiptsOf(signer, many)
  return [
    ...ofEncoding(receipts),
    ...ofSignatures(receipts, seed, signer),
    ...ofBatches(signer),
    ...ofIds(receipts),
  ]
}

function ofEncoding(receipts: readonly Receipt[]): Measure[] {
  const bytes = receipts.map((receipt) => encode(schema, receipt))
  const plain = bytes.map((one) => dagCbor.decode(one))
  const json = receipts.map((receipt) => JSON.stringify(toJson(schema, receipt)))
  const at = <T>(list: readonly T[], i: number) => list[i % many] as T
  return [
    {
      name: 'encode a receipt',
      run: (i) => encode(schema, at(receipts, i)),
      beside: { name: 'dag-cbor encode', run: (i) => dagCbor.encode(at(plain, i)) },
    },
    {
      name: 'decode a receipt strictly',
      run: (i) => decode(schema, at(bytes, i)),
      beside: { name: 'dag-cbor decode', run: (i) => dagCbor.decode(at(bytes, i)) },
    },
    {
      name: 'parse a receipt from JSON',
      run: (i) => fromJson(schema, JSON.parse(at(json, i))),
      beside: { name: 'JSON.parse', run: (i) => JSON.parse(at(json, i)) },
    },
  ]
}

function ofSignatures(receipts: readonly Receipt[], seed: Uint8Array, signer: Signer): Measure[] {
  const messages = receipts.map((one) => inDomain(receiptDocument.domain, encode(schema, one)))
  const signatures = messages.map((message) => signer.sign(message))
  const bare = bareKeys(seed)
  const at = (list: readonly Uint8Array[], i: number) => list[i % many] as Uint8Array
  const measuresOf = (name: string, own: typeof portable, theirs: Bare): Measure[] => {
    const mine = own.signer(seed)
    return [
      {
        name: `sign, ${name}`,
        run: (i) => mine.sign(at(messages, i)),
        beside: { name: `${theirs.name} sign`, run: (i) => theirs.sign(at(messages, i)) },
      },
      {
        name: `verify, ${name}`,
        run: (i) => own.verify(signer.id, at(messages, i), at(signatures, i)),
        beside: {
          name: `${theirs.name} verify`,
          run: (i) => theirs.verify(at(messages, i), at(signatures, i)),
        },
      },
    ]
  }
  return [
    ...measuresOf('native', native ?? portable, bare.crypto),
    ...measuresOf('portable', portable, bare.noble),
  ]
}

interface Bare {
  readonly name: string
  sign(message: Uint8Array): unknown
  verify(message: Uint8Array, signature: Uint8Array): boolean
}

/** The libraries as they come: node:crypto with its keys held, noble in its strict form. */
function bareKeys(seed: Uint8Array): { crypto: Bare; noble: Bare } {
  const key = Buffer.from(
    `302e020100300506032b657004220420${Buffer.from(seed).toString('hex')}`,
    'hex',
  )
  const secret = createPrivateKey({ key, format: 'der', type: 'pkcs8' })
  const held = createPublicKey(secret)
  const raw = new Uint8Array(held.export({ format: 'der', type: 'spki' }).subarray(12))
  return {
    crypto: {
      name: 'node:crypto',
      sign: (message) => sign(null, message, secret),
      verify: (message, signature) => verify(null, message, held, signature),
    },
    noble: {
      name: 'noble',
      sign: (message) => signByNoble(message, seed),
      verify: (message, signature) => verifyByNoble(signature, message, raw, { zip215: false }),
    },
  }
}

/** More batches than are remembered as verified, so that the first of each is verified in truth. */
const batches = 1100

function ofBatches(signer: Signer): Measure[] {
  const alone = receiptsOf(signer, many).map((one) => signDocument(receiptDocument, one, signer))
  const openAlone = (i: number) => open(receiptDocument, alone[i % many] as (typeof alone)[0])
  const beside = { name: 'open, signed alone', run: openAlone }
  return [1, 16, 256].map((size) => {
    const others = receiptsOf(signer, size - 1)
    const signed = receiptsOf(signer, batches).map((first) =>
      signBatch(receiptDocument, [first, ...others], signer),
    )
    const firsts = signed.map((batch) => batch[0] as (typeof alone)[0])
    const rest = (signed[0] ?? []).slice(1)
    return {
      name: `open, of a batch of ${size}`,
      per: size,
      run: (i: number) => {
        open(receiptDocument, firsts[i % batches] as (typeof alone)[0])
        for (const one of rest) open(receiptDocument, one)
      },
      beside,
    }
  })
}

function ofIds(receipts: readonly Receipt[]): Measure[] {
  const bytes = receipts.map((receipt) => encode(schema, receipt))
  const keys = bytes.map(sha256)
  const texts = keys.map(toPeerText)
  return [
    {
      name: 'SHA-256 of a receipt',
      run: (i) => sha256(bytes[i % many] as Uint8Array),
      beside: {
        name: 'node:crypto createHash',
        run: (i) =>
          createHash('sha256')
            .update(bytes[i % many] as Uint8Array)
            .digest(),
      },
    },
    { name: 'a key to its PeerId', run: (i) => toPeerText(keys[i % many] as Uint8Array) },
    { name: 'a PeerId to its key', run: (i) => fromPeerText(texts[i % many] as string) },
    { name: 'the same, checked', run: (i) => keyOf(texts[i % many] as string) },
  ]
}

/** Receipts that differ in all that receipts differ in: job, unit, result, salt. */
function receiptsOf(signer: Signer, count: number): readonly Receipt[] {
  const example = kinds.find(({ name }) => name === 'receipt')?.examples['of a result'] as Receipt
  return Array.from({ length: count }, (_, i) => {
    const drawn = (what: string) => sha256(Buffer.from(`${what} ${i}`))
    const hex = (what: string) => Buffer.from(drawn(what)).toString('hex')
    const job = hex('job') as Receipt['job']
    const result = hex('result') as Receipt['result']
    return { ...example, job, result, salt: drawn('salt'), unit: i, node: signer.id as NodeId }
  })
}
