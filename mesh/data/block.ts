import { type Cid, type CidCodec, cidBytes, cidOf, sha256 } from '@nexapod/specs'
import { CID } from 'multiformats/cid'

declare const checked: unique symbol

/** Bytes and the CID that is theirs: there is none of this type that was not hashed. */
export interface Block {
  readonly cid: Cid
  readonly bytes: Uint8Array
  readonly [checked]: true
}

/** The block of these bytes. */
export function blockOf(codec: CidCodec, bytes: Uint8Array): Block {
  return { cid: cidOf(codec, sha256(bytes)), bytes } as Block
}

/** The block of this CID, if these are its bytes. */
export function blockIf(cid: Cid, bytes: Uint8Array): Block | undefined {
  const codec = codecOf(cid)
  if (codec === undefined || cidOf(codec, sha256(bytes)) !== cid) return undefined
  return { cid, bytes } as Block
}

/** Whether a CID names a chunk or a node; undefined for what is neither. */
export function codecOf(cid: Cid): 'raw' | 'dag-pb' | undefined {
  if (cid.startsWith('bafkrei')) return 'raw'
  if (cid.startsWith('bafybei')) return 'dag-pb'
  return undefined
}

/** A CID of the library in our text; undefined for one that names no block of data. */
export function ourCid(cid: CID): Cid | undefined {
  const { code, digest } = cid.multihash
  if (code !== 0x12 || digest.length !== 32) return undefined
  if (cid.code === 0x55) return cidOf('raw', digest)
  if (cid.code === 0x70) return cidOf('dag-pb', digest)
  return undefined
}

/** Our CID as the libraries want it. */
export function theirCid(cid: Cid): CID {
  const bytes = cidBytes(cid)
  if (bytes === undefined) throw new RangeError(`no CID of ours: ${cid}`)
  return CID.decode(bytes)
}
