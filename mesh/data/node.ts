import {
  type Answer,
  accept,
  type Cid,
  type CidCodec,
  cidBytes,
  cidOf,
  limits,
  refuse,
} from '@nexapod/specs'
import { type Block, blockOf, codecOf } from './block.ts'
import { decodeMessage, encodeMessage, type Field } from './protobuf.ts'

/** Where a node leads: to which block, under which name, and how long its part of a file is. */
export interface Link {
  readonly cid: Cid
  readonly name: string
  /** The bytes of the file below it, as the node says; of entries nothing is known. */
  readonly bytes?: number
}

/** What a block is a part of: a file with bytes of its own, or a directory with entries. */
export type Node =
  | { readonly kind: 'file'; readonly data: Uint8Array; readonly links: readonly Link[] }
  | { readonly kind: 'directory' | 'shard'; readonly links: readonly Link[] }

/** A link as it is written: with the bytes of all blocks below it, each as often as linked. */
export interface WrittenLink {
  readonly cid: Cid
  readonly name: string
  readonly linked: number
}

/** What a UnixFS message says, as far as it is read here. */
export interface UnixFs {
  readonly type: number
  readonly data?: Uint8Array
  readonly fileBytes?: number
  readonly blockBytes?: readonly number[]
  readonly hash?: number
  readonly fanout?: number
}

/** The types of UnixFS that are files, directories and shards. */
export const unixFsType = { raw: 0, directory: 1, file: 2, shard: 5 } as const

/** The hash of names in shards: the only one that UnixFS has. */
export const murmur3 = 0x22

const nothing = new Uint8Array(0)

/** The block of a node: its links in the order given, then its message. */
export function nodeBlock(unixFs: UnixFs, links: readonly WrittenLink[]): Block {
  const fields: Field[] = links.map(({ cid, name, linked }) => ({
    field: 2,
    bytes: encodeMessage([
      { field: 1, bytes: cidBytes(cid) as Uint8Array },
      { field: 2, bytes: new TextEncoder().encode(name) },
      { field: 3, value: linked },
    ]),
  }))
  fields.push({ field: 1, bytes: encodeMessage(fieldsOf(unixFs)) })
  return blockOf('dag-pb', encodeMessage(fields))
}

/** Reads a block as a part of a file or a directory, or refuses what it is not. */
export function nodeOf({ cid, bytes }: Block): Answer<Node> {
  if (bytes.length > limits.blockBytesMax) return formless(cid, 'a block that is too long')
  if (codecOf(cid) === 'raw') return accept({ kind: 'file', data: bytes, links: [] })
  const read = readNode(bytes)
  if (typeof read === 'string') return formless(cid, read)
  const { unixFs, links } = read
  switch (unixFs.type) {
    case unixFsType.file:
    case unixFsType.raw:
      return fileOf(cid, unixFs, links)
    case unixFsType.directory:
      return accept({ kind: 'directory', links })
    case unixFsType.shard:
      if (unixFs.fanout === limits.shardLinksMax && unixFs.hash === murmur3) {
        return accept({ kind: 'shard', links })
      }
      return formless(cid, 'a shard of another kind')
    default:
      return formless(cid, `UnixFS of type ${unixFs.type}`)
  }
}

/** The bytes that a node of a file says are below it. */
export function fileBytes(node: Node & { kind: 'file' }): number {
  return node.links.reduce((sum, { bytes = 0 }) => sum + bytes, node.data.length)
}

function fileOf(cid: Cid, unixFs: UnixFs, links: readonly Link[]): Answer<Node> {
  const { data = nothing, blockBytes = [] } = unixFs
  if (blockBytes.length !== links.length) return formless(cid, 'a file without all its sizes')
  const sized = links.map((link, i) => ({ ...link, bytes: blockBytes[i] as number }))
  const node = { kind: 'file', data, links: sized } as const
  if (fileBytes(node) > limits.storageBytesMax) return formless(cid, 'a file without an end')
  return accept(node)
}

function fieldsOf({ type, data, fileBytes, blockBytes = [], hash, fanout }: UnixFs): Field[] {
  const fields: Field[] = [{ field: 1, value: type }]
  if (data !== undefined) fields.push({ field: 2, bytes: data })
  if (fileBytes !== undefined) fields.push({ field: 3, value: fileBytes })
  for (const value of blockBytes) fields.push({ field: 4, value })
  if (hash !== undefined) fields.push({ field: 5, value: hash })
  if (fanout !== undefined) fields.push({ field: 6, value: fanout })
  return fields
}

/** Links and message of a dag-pb block, or in words what it is instead. */
function readNode(bytes: Uint8Array): { unixFs: UnixFs; links: Link[] } | string {
  const fields = decodeMessage(bytes)
  if (fields === undefined) return 'no dag-pb'
  let unixFs: UnixFs | undefined
  const links: Link[] = []
  for (const one of fields) {
    if (!('bytes' in one)) return 'no dag-pb'
    if (one.field === 2) {
      const link = readLink(one.bytes)
      if (link === undefined) return 'a link to what is no data'
      if (links.push(link) > limits.blockLinksMax) return 'too many links'
    } else if (one.field === 1 && unixFs === undefined) {
      unixFs = readUnixFs(one.bytes)
      if (unixFs === undefined) return 'no UnixFS'
    } else return 'no dag-pb'
  }
  return unixFs === undefined ? 'a node without data' : { unixFs, links }
}

function readLink(bytes: Uint8Array): Link | undefined {
  let cid: Cid | undefined
  let name = ''
  for (const one of decodeMessage(bytes) ?? []) {
    if (one.field === 1 && 'bytes' in one) cid = readCid(one.bytes)
    if (one.field === 2 && 'bytes' in one) name = new TextDecoder().decode(one.bytes)
  }
  return cid === undefined ? undefined : { cid, name }
}

/** A CID of version 1, or of version 0, which is a SHA-256 alone and names a dag-pb block. */
function readCid(bytes: Uint8Array): Cid | undefined {
  if (bytes.length === 34 && bytes[0] === 0x12 && bytes[1] === 32) {
    return cidOf('dag-pb', bytes.subarray(2))
  }
  const [version, codec, hash, size] = bytes
  const ours = bytes.length === 36 && version === 1 && hash === 0x12 && size === 32
  const name = ours && codec !== undefined ? codecs.get(codec) : undefined
  return name === undefined ? undefined : cidOf(name, bytes.subarray(4))
}

const codecs: ReadonlyMap<number, CidCodec> = new Map([
  [0x55, 'raw'],
  [0x70, 'dag-pb'],
])

function readUnixFs(bytes: Uint8Array): UnixFs | undefined {
  const fields = decodeMessage(bytes)
  if (fields === undefined) return undefined
  const numbers = new Map<number, number>()
  const blockBytes: number[] = []
  let data: Uint8Array | undefined
  for (const one of fields) {
    if ('bytes' in one) {
      if (one.field === 2) data = one.bytes
    } else if (one.field === 4) blockBytes.push(one.value)
    else numbers.set(one.field, one.value)
  }
  const type = numbers.get(1)
  const hash = numbers.get(5)
  const fanout = numbers.get(6)
  if (type === undefined) return undefined
  return {
    type,
    blockBytes,
    ...(data === undefined ? {} : { data }),
    ...(hash === undefined ? {} : { hash }),
    ...(fanout === undefined ? {} : { fanout }),
  }
}

function formless(cid: Cid, what: string): Answer<never> {
  return refuse('data.form', { at: cid, detail: `expected a file or directory, found ${what}` })
}
