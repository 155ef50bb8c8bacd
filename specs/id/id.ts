import {
  base32Into,
  digestToHex,
  fromBase32,
  fromHex,
  hexInto,
  toBase32,
  toHex,
} from '../bytes/text.ts'
import { type Answer, accept, refuse } from '../refusal/refusal.ts'
import { found } from '../schema/place.ts'
import { spelled } from '../schema/scalar.ts'
import { headBytes, type Notes, noted, type Schema } from '../schema/schema.ts'
import { fromPeerText, peerTextAt, peerTextInto, toPeerText } from './base58.ts'
import { isKey, isKeyAt } from './ed25519-key.ts'
import { KnownTexts } from './known-texts.ts'

/**
 * In memory, in JSON and on a screen an id is its one text; in a document it is its bytes. So ids
 * compare with ===, are keys of a Map, and cannot be mistaken for one another: their types differ.
 */
declare const role: unique symbol

/** An Ed25519 key as libp2p writes it: identity in the mesh, signer, and account. */
export type PeerId = string & { readonly [role]: { readonly peer: true } }
/** The key of a machine or tab that lends itself. */
export type NodeId = PeerId & { readonly [role]: { readonly node: true } }
/** The key that owns nodes, and their credit. */
export type OwnerId = PeerId & { readonly [role]: { readonly owner: true } }
/** The key that signs jobs. */
export type PublisherId = PeerId & { readonly [role]: { readonly publisher: true } }
/** The key of a coordinator. */
export type CoordinatorId = PeerId & { readonly [role]: { readonly coordinator: true } }

/** A SHA-256 digest, in lower-case hexadecimal. */
export type Digest = string & { readonly [role]: { readonly digest: true } }
/** The digest of a job in its canonical form. */
export type JobId = Digest & { readonly [role]: { readonly job: true } }
/** The digest of the genesis of a chain. */
export type ChainId = Digest & { readonly [role]: { readonly chain: true } }
/** The digest of a mesh in its founding form. */
export type MeshId = Digest & { readonly [role]: { readonly mesh: true } }
/** The digest of what a unit gave: what a quorum compares. */
export type ResultId = Digest & { readonly [role]: { readonly result: true } }
/** The digest of a receipt with its salt: what the chain shows before the verdict. */
export type ReceiptId = Digest & { readonly [role]: { readonly receipt: true } }
/** The digest of what a transfer pays for. */
export type TransferId = Digest & { readonly [role]: { readonly transfer: true } }

/** A CID version 1 of SHA-256 in base 32: raw bytes, UnixFS or DAG-CBOR. */
export type Cid = string & { readonly [role]: { readonly cid: true } }

/** As many keys as a large mesh has; of digests those of chains and jobs alone come again. */
const keys = new KnownTexts(2 ** 17, (bytes, at) => {
  return isKeyAt(bytes, at) ? peerTextAt(bytes, at) : undefined
})
const digests = new KnownTexts(1024, digestToHex)

/** The schema of a key in one role. */
export function peerId<Id extends PeerId>(notes: Notes = {}): Schema<Id> {
  return spelled<Id>({
    size: 32,
    pattern: '^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$',
    name: 'an Ed25519 PeerId, 12D3KooW...',
    toText: (bytes, at) => keys.at(bytes, at) as Id | undefined,
    toBytes: (text, into, at) => peerTextInto(text, into, at) && isKeyAt(into, at),
    ...notes,
  })
}

/** The schema of a digest in one role. */
export function digest<Id extends Digest>(notes: Notes = {}): Schema<Id> {
  return spelled<Id>({
    size: 32,
    pattern: '^[0-9a-f]{64}$',
    name: 'a SHA-256 digest in lower-case hexadecimal',
    toText: (bytes, at) => digests.at(bytes, at) as Id,
    toBytes: (text, into, at) => text.length === 64 && hexInto(text, into, at),
    ...notes,
  })
}

/** The schema of a CID: a DAG-CBOR link, which every IPLD tool can follow. */
export function cid(notes: Notes = {}): Schema<Cid> {
  const name = 'a CID version 1 in base 32 of SHA-256: raw, dag-pb or dag-cbor'
  return {
    json: { type: 'string', pattern: '^b[a-z2-7]{58}$', ...noted(notes) },
    bytesMax: 2 + headBytes(37) + 37,
    depth: 1,
    parse(input, place) {
      const known = typeof input === 'string' && cidBytes(input) !== undefined
      if (known) return input as Cid
      return place.fault('document.form', `expected ${name}, found ${found(input)}`)
    },
    print: (value) => value,
    read(from) {
      const start = from.at
      if (from.head(6) !== 42) from.refuse('document.type', `expected ${name}`, start)
      const link = from.bytes(37)
      if (link[0] !== 0) from.refuse('document.form', `expected ${name}`, start)
      return cidText(link.subarray(1)) ?? from.refuse('document.form', `expected ${name}`, start)
    },
    write(value, to) {
      to.head(6, 42)
      if (!to.spelled(37, value, linkInto)) throw new RangeError(`expected ${name}, got ${value}`)
    },
  }
}

/** The 32 bytes of a key, or undefined where the text is no key of ours. */
export function keyOf(text: string): Uint8Array | undefined {
  const key = fromPeerText(text)
  return key !== undefined && isKey(key) ? key : undefined
}

/** The PeerId of a key, or the refusal of one that is unsafe. */
export function peerOf<Id extends PeerId>(key: Uint8Array): Answer<Id> {
  if (isKey(key)) return accept(toPeerText(key) as Id)
  return refuse('document.form', { detail: 'not an Ed25519 key, or one of small order' })
}

/** The text of 32 bytes of digest. */
export function digestText<Id extends Digest>(bytes: Uint8Array): Id {
  if (bytes.length !== 32) throw new RangeError(`a digest has 32 bytes, got ${bytes.length}`)
  return toHex(bytes) as Id
}

/** The bytes of a digest. */
export function digestBytes(digest: Digest): Uint8Array {
  return fromHex(digest) as Uint8Array
}

/** What a CID can name: blocks of bytes, UnixFS files and directories, documents. */
export type CidCodec = 'raw' | 'dag-pb' | 'dag-cbor'

const codecs: Readonly<Record<CidCodec, number>> = { raw: 0x55, 'dag-pb': 0x70, 'dag-cbor': 0x71 }

/** The CID of a block with this SHA-256. */
export function cidOf(codec: CidCodec, sha256: Uint8Array): Cid {
  const text = cidText(Uint8Array.of(1, codecs[codec], 0x12, 0x20, ...sha256))
  if (text === undefined) throw new RangeError(`a SHA-256 has 32 bytes, got ${sha256.length}`)
  return text
}

/** Puts the 37 bytes of a link in their place, which are a 0 and a CID; false where it is none. */
function linkInto(text: string, into: Uint8Array, at: number): boolean {
  into[at] = 0
  if (text.length !== 59 || text[0] !== 'b') return false
  return base32Into(text.slice(1), into, at + 1) && isCidAt(into, at + 1)
}

/** The 36 bytes of a CID, or undefined where the text is no CID of ours. */
export function cidBytes(text: string): Uint8Array | undefined {
  if (text.length !== 59 || text[0] !== 'b') return undefined
  const bytes = fromBase32(text.slice(1))
  return bytes !== undefined && isCid(bytes) ? bytes : undefined
}

function cidText(bytes: Uint8Array): Cid | undefined {
  return isCid(bytes) ? (`b${toBase32(bytes)}` as Cid) : undefined
}

function isCid(bytes: Uint8Array): boolean {
  return bytes.length === 36 && isCidAt(bytes, 0)
}

function isCidAt(bytes: Uint8Array, at: number): boolean {
  const codec = bytes[at + 1]
  const known = codec === codecs.raw || codec === codecs['dag-pb'] || codec === codecs['dag-cbor']
  return bytes[at] === 1 && known && bytes[at + 2] === 0x12 && bytes[at + 3] === 0x20
}
