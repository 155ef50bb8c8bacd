import { murmur3128 } from '@multiformats/murmur3'
import { type Answer, accept, limits, refuse } from '@nexapod/specs'
import type { Block } from './block.ts'
import { murmur3, nodeBlock, unixFsType } from './node.ts'

/** Something built: its root, and what a parent has to know of it. */
export interface Built {
  readonly cid: Block['cid']
  /** The bytes of all blocks, each as often as it is linked: the size in a link. */
  readonly linked: number
  /** The bytes of the file, or of all files in the directory. */
  readonly bytes: number
}

/** An entry of a directory. */
export interface Entry extends Built {
  readonly name: string
}

/** Takes what is built, block by block, children before their parents. */
export type Sink = (block: Block) => Promise<Answer<void>>

/** The tree over the chunks of a file, as they come: a list of open nodes, one for each level. */
export class FileTree {
  readonly #sink: Sink
  readonly #levels: Built[][] = [[]]

  constructor(sink: Sink) {
    this.#sink = sink
  }

  /** Puts the next chunk below the tree; all but the last one are whole. */
  async add(chunk: Block): Promise<Answer<void>> {
    const put = await this.#sink(chunk)
    if (!put.ok) return put
    const { length } = chunk.bytes
    return await this.#place(0, { cid: chunk.cid, linked: length, bytes: length })
  }

  /** The root, after the last chunk. */
  async root(): Promise<Answer<Built>> {
    for (let level = 0; ; level++) {
      const open = this.#levels[level] as Built[]
      const top = level === this.#levels.length - 1
      if (top && open.length === 1) return accept(open[0] as Built)
      const closed = open.length > 0 ? await this.#close(level) : accept(undefined)
      if (!closed.ok) return closed
    }
  }

  async #place(level: number, built: Built): Promise<Answer<void>> {
    this.#levels[level] ??= []
    if (this.#levels[level].length === limits.fileLinksMax) {
      const closed = await this.#close(level)
      if (!closed.ok) return closed
    }
    this.#levels[level]?.push(built)
    return accept(undefined)
  }

  async #close(level: number): Promise<Answer<void>> {
    const children = this.#levels[level] as Built[]
    this.#levels[level] = []
    const block = fileNode(children)
    const put = await this.#sink(block)
    return put.ok ? await this.#place(level + 1, above(block, children)) : put
  }
}

/** Builds a directory over its entries, whose names were checked. */
export async function buildDirectory(
  entries: readonly Entry[],
  sink: Sink,
): Promise<Answer<Built>> {
  const ordered = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const block = nodeBlock({ type: unixFsType.directory }, ordered)
  if (block.bytes.length > limits.directoryBytesMax) {
    return await buildShard(entries.map(hashed), 0, sink)
  }
  const put = await sink(block)
  return put.ok ? accept(above(block, entries)) : put
}

interface Hashed {
  readonly entry: Entry
  readonly hash: Uint8Array
}

async function buildShard(
  entries: readonly Hashed[],
  level: number,
  sink: Sink,
): Promise<Answer<Built>> {
  if (level === hashBytes) {
    const names = entries.map(({ entry }) => entry.name).join(', ')
    return refuse('data.form', { detail: `names whose hashes are one: ${names}` })
  }
  const places = Map.groupBy(entries, ({ hash }) => hash[level] as number)
  const taken = new Uint8Array(limits.shardLinksMax / 8)
  const links: Entry[] = []
  for (const [place, members] of [...places].toSorted(([a], [b]) => a - b)) {
    const at = taken.length - 1 - (place >> 3)
    taken[at] = (taken[at] as number) | (1 << (place & 7))
    const digits = place.toString(16).toUpperCase().padStart(2, '0')
    const [{ entry } = { entry: undefined }] = members
    if (members.length === 1 && entry) links.push({ ...entry, name: digits + entry.name })
    else {
      const shard = await buildShard(members, level + 1, sink)
      if (!shard.ok) return shard
      links.push({ ...shard.value, name: digits })
    }
  }
  const data = taken.slice(taken.findIndex((byte) => byte !== 0))
  const message = { type: unixFsType.shard, data, hash: murmur3, fanout: limits.shardLinksMax }
  const block = nodeBlock(message, links)
  const put = await sink(block)
  return put.ok ? accept(above(block, links)) : put
}

const hashBytes = 8

function hashed(entry: Entry): Hashed {
  const digest = murmur3128.encode(new TextEncoder().encode(entry.name)) as Uint8Array
  return { entry, hash: digest.subarray(0, hashBytes) }
}

function fileNode(children: readonly Built[]): Block {
  const links = children.map((child) => ({ ...child, name: '' }))
  const blockBytes = children.map(({ bytes }) => bytes)
  const fileBytes = blockBytes.reduce((sum, bytes) => sum + bytes, 0)
  return nodeBlock({ type: unixFsType.file, fileBytes, blockBytes }, links)
}

function above(block: Block, children: readonly Built[]): Built {
  const linked = children.reduce((sum, child) => sum + child.linked, block.bytes.length)
  const bytes = children.reduce((sum, child) => sum + child.bytes, 0)
  return { cid: block.cid, linked, bytes }
}
