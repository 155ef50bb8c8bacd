import { type Answer, accept, type Cid, limits, refuse } from '@nexapod/specs'
import type { Block } from './block.ts'
import { Names, pathBelow } from './name.ts'
import { fileBytes, type Node, nodeOf } from './node.ts'

/** Where blocks are read from, each already checked. */
export type Source = (cid: Cid) => Promise<Block | undefined>

/** How much may be read below a root, and what may end it. */
export interface ReadBounds {
  readonly bytesMax: number
  /** Blocks, directories and shards among them; as many as a root may have if left out. */
  readonly blocksMax?: number
  readonly signal?: AbortSignal
}

/** Takes a directory or file at its path, or the next bytes of the last file. */
export interface Taker {
  directory(path: string): Promise<void>
  file(path: string, bytes: number): Promise<void>
  bytes(bytes: Uint8Array): Promise<void>
  fileEnd(): Promise<void>
}

type File = Node & { kind: 'file' }

/**
 * Reads what is below a root and counts what it reaches: sizes in blocks are claims, and a block
 * that is linked a thousand times counts a thousand times.
 */
export class Reading {
  readonly #source: Source
  readonly #bounds: ReadBounds
  #bytes = 0
  #blocks = 0

  constructor(source: Source, bounds: ReadBounds) {
    this.#source = source
    this.#bounds = bounds
  }

  /** The file or directory that a path of names leads to. */
  async find(root: Cid, below: string): Promise<Answer<Cid>> {
    let cid = root
    for (const name of below.split('/').filter((part) => part !== '')) {
      const node = await this.#node(cid)
      if (!node.ok) return node
      const entries = await this.#entries(node.value, cid, '')
      if (!entries.ok) return entries
      const found = entries.value.get(name)
      if (found === undefined) return refuse('data.unknown', { at: below, detail: name })
      cid = found
    }
    return accept(cid)
  }

  /** Hands everything below a root to a taker, directories before what is in them. */
  async all(root: Cid, taker: Taker, path = ''): Promise<Answer<void>> {
    const node = await this.#node(root)
    if (!node.ok) return node
    if (node.value.kind === 'file') return await this.#file(node.value, root, taker, path)
    const entries = await this.#entries(node.value, root, path)
    if (!entries.ok) return entries
    await taker.directory(path)
    for (const [name, cid] of entries.value) {
      const below = pathBelow(path, name)
      if (!below.ok) return below
      const done = await this.all(cid, taker, below.value)
      if (!done.ok) return done
    }
    return accept(undefined)
  }

  async #file(node: File, cid: Cid, taker: Taker, path: string): Promise<Answer<void>> {
    const bytes = fileBytes(node)
    if (bytes > this.#bounds.bytesMax - this.#bytes) return this.#tooLarge(path)
    await taker.file(path, bytes)
    const read = await this.#chunks(node, { cid, bytes, level: 0 }, taker)
    await taker.fileEnd()
    return read
  }

  async #chunks(
    node: Node,
    { cid, bytes, level }: { cid: Cid; bytes: number; level: number },
    taker: Taker,
  ): Promise<Answer<void>> {
    if (node.kind !== 'file') return formless(cid, `a ${node.kind} inside a file`)
    if (fileBytes(node) !== bytes) return formless(cid, 'another number of bytes than its parent')
    if (level > limits.dagDepthMax) return this.#tooLarge(cid)
    this.#bytes += node.data.length
    if (this.#bytes > this.#bounds.bytesMax) return this.#tooLarge(cid)
    if (node.data.length > 0) await taker.bytes(node.data)
    for (const link of node.links) {
      const child = await this.#node(link.cid)
      if (!child.ok) return child
      const place = { cid: link.cid, bytes: link.bytes ?? 0, level: level + 1 }
      const read = await this.#chunks(child.value, place, taker)
      if (!read.ok) return read
    }
    return accept(undefined)
  }

  /** The entries of a directory by name, in ascending order. */
  async #entries(node: Node, cid: Cid, path: string): Promise<Answer<ReadonlyMap<string, Cid>>> {
    const found: [string, Cid][] = []
    const gathered = await this.#gather(node, cid, 0, found)
    if (!gathered.ok) return gathered
    const names = new Names()
    for (const [name] of found) {
      const taken = names.take(name, path === '' ? cid : path)
      if (!taken.ok) return taken
    }
    return accept(new Map(found.toSorted(([a], [b]) => (a < b ? -1 : 1))))
  }

  async #gather(
    node: Node,
    cid: Cid,
    level: number,
    found: [string, Cid][],
  ): Promise<Answer<void>> {
    if (node.kind === 'file') return formless(cid, 'a file in the place of a directory')
    if (level > 0 && node.kind !== 'shard') return formless(cid, 'no shard inside a shard')
    if (level > limits.dagDepthMax) return this.#tooLarge(cid)
    for (const link of node.links) {
      if (node.kind === 'directory') found.push([link.name, link.cid])
      else if (link.name.length > 2) found.push([link.name.slice(2), link.cid])
      else {
        const shard = await this.#node(link.cid)
        if (!shard.ok) return shard
        const gathered = await this.#gather(shard.value, link.cid, level + 1, found)
        if (!gathered.ok) return gathered
      }
      if (found.length > limits.dagBlocksMax) return this.#tooLarge(cid)
    }
    return accept(undefined)
  }

  async #node(cid: Cid): Promise<Answer<Node>> {
    this.#bounds.signal?.throwIfAborted()
    this.#blocks += 1
    const { blocksMax = limits.dagBlocksMax } = this.#bounds
    if (this.#blocks > blocksMax) return this.#tooLarge(cid)
    const block = await this.#source(cid)
    return block === undefined ? refuse('data.missing', { at: cid }) : nodeOf(block)
  }

  #tooLarge(at: string): Answer<never> {
    const detail = `expected at most ${this.#bounds.bytesMax} bytes`
    return refuse('data.too-large', { at, detail })
  }
}

function formless(cid: Cid, what: string): Answer<never> {
  return refuse('data.form', { at: cid, detail: `found ${what}` })
}
