import { type Answer, accept, type Cid, limits, refuse } from '@nexapod/specs'
import { type Block, codecOf } from '../block.ts'
import { fileBytes, type Link, type Node, nodeOf } from '../node.ts'
import type { WantedBlock } from './provider.ts'

/** What is here already, held from now on; of a node its block, to look into it. */
export interface Here {
  take(cid: Cid): number | undefined
  get(cid: Cid): Promise<Block | undefined>
}

/** Some links of one node that lead to blocks that are not here. */
export interface Piece {
  readonly way: readonly number[]
  readonly from: number
  readonly blocks: readonly Awaited[]
}

/** A block that has to come, and what its parent says of it. */
interface Awaited extends WantedBlock {
  /** The bytes of the file below it; undefined for what is not inside a file. */
  readonly bytes: number | undefined
}

/**
 * The edge of what is here, below a block: which blocks are missing, depth first, and what of each
 * is known before it comes. It counts what is reached, whatever blocks say of their size.
 */
export class Frontier {
  readonly #here: Here
  readonly #bytesMax: number
  /** Whether what is below the first block belongs to it. */
  readonly #deep: boolean
  readonly #pieces: Piece[] = []
  readonly #seen = new Set<Cid>()
  readonly #missing = new Set<Cid>()
  #bytes = 0
  #fetchedBytes = 0

  constructor(here: Here, { bytesMax, deep }: { bytesMax: number; deep: boolean }) {
    this.#here = here
    this.#bytesMax = bytesMax
    this.#deep = deep
  }

  /** The bytes of the blocks that are here, and how many of them came. */
  get progress(): { readonly bytes: number; readonly fetchedBytes: number } {
    return { bytes: this.#bytes, fetchedBytes: this.#fetchedBytes }
  }

  /** Whether all is here. */
  get done(): boolean {
    return this.#missing.size === 0
  }

  awaits(cid: Cid): boolean {
    return this.#missing.has(cid)
  }

  /** Begins at a block, and says the way to it. */
  async begin(cid: Cid, way: readonly number[]): Promise<Answer<void>> {
    const at = way.at(-1) as number
    return await this.#spread(way.slice(0, -1), [[at, { cid, name: '' }]], 'root')
  }

  /** The next piece that fits, the deepest first; undefined if there is none. */
  next(fits: (piece: Piece) => boolean): Piece | undefined {
    const at = this.#pieces.findLastIndex(fits)
    return at < 0 ? undefined : this.#pieces.splice(at, 1)[0]
  }

  /** Whether there is a piece that fits. */
  has(fits: (piece: Piece) => boolean): boolean {
    return this.#pieces.some(fits)
  }

  /** What of a piece did not come. */
  giveBack({ way, from, blocks }: Piece): void {
    for (const piece of runs(
      blocks.map((block, i) => [from + i, block] as const),
      this.#missing,
    )) {
      this.#pieces.push({ way, ...piece })
    }
  }

  /** A block came, its bytes checked. What it leads to is awaited from now on. */
  async came(block: Block, { way, from, blocks }: Piece, at: number): Promise<Answer<void>> {
    const awaited = blocks[at] as Awaited
    this.#missing.delete(block.cid)
    this.#fetchedBytes += block.bytes.length
    const counted = this.#count(block.bytes.length)
    if (!counted.ok) return counted
    return await this.#look(block, awaited.bytes, [...way, from + at])
  }

  /** Looks into a block that is here. */
  async #look(
    block: Block,
    bytes: number | undefined,
    way: readonly number[],
  ): Promise<Answer<void>> {
    if (!this.#deep) return accept(undefined)
    const node = nodeOf(block)
    if (!node.ok) return node
    const { value } = node
    if (value.kind === 'file') {
      const said = fileBytes(value)
      if (bytes !== undefined && said !== bytes) {
        return refuse('data.form', { at: block.cid, detail: `${said} bytes, not ${bytes}` })
      }
      if (said > this.#bytesMax) return this.#tooLarge(block.cid)
    } else if (bytes !== undefined) {
      return refuse('data.form', { at: block.cid, detail: `a ${value.kind} inside a file` })
    }
    if (way.length > limits.dagDepthMax) return this.#tooLarge(block.cid)
    return await this.#spread(way, value.links.entries(), value.kind)
  }

  async #spread(
    way: readonly number[],
    links: Iterable<readonly [number, Link]>,
    kind: Node['kind'] | 'root',
  ): Promise<Answer<void>> {
    const missing: [number, Awaited][] = []
    const nodes: [number, Link][] = []
    for (const [at, link] of links) {
      const { cid } = link
      if (this.#seen.has(cid)) continue
      this.#seen.add(cid)
      if (this.#seen.size > limits.dagBlocksMax) return this.#tooLarge(cid)
      const bytes = kind === 'file' ? link.bytes : undefined
      const here = this.#here.take(cid)
      if (here !== undefined) {
        const counted = this.#count(here)
        if (!counted.ok) return counted
        nodes.push([at, link])
      } else {
        this.#missing.add(cid)
        missing.push([at, { cid, bytes, bytesMax: longest(cid, bytes, this.#bytesMax) }])
      }
    }
    // The last is fetched first: pushed in reverse, the first piece of a file is on top.
    for (const piece of [...runs(missing, this.#missing)].reverse()) {
      this.#pieces.push({ way, ...piece })
    }
    for (const [at, link] of nodes) {
      const looked = await this.#lookHere(link, kind, [...way, at])
      if (!looked.ok) return looked
    }
    return accept(undefined)
  }

  async #lookHere(
    { cid, bytes }: Link,
    kind: Node['kind'] | 'root',
    way: readonly number[],
  ): Promise<Answer<void>> {
    if (codecOf(cid) === 'raw') return accept(undefined)
    const block = await this.#here.get(cid)
    const inside = kind === 'file' ? bytes : undefined
    if (block !== undefined) return await this.#look(block, inside, way)
    // It was damaged, and is not here after all.
    this.#missing.add(cid)
    const awaited = { cid, bytes: inside, bytesMax: longest(cid, inside, this.#bytesMax) }
    this.#pieces.push({ way: way.slice(0, -1), from: way.at(-1) as number, blocks: [awaited] })
    return accept(undefined)
  }

  #count(bytes: number): Answer<void> {
    this.#bytes += bytes
    return this.#bytes > this.#bytesMax ? this.#tooLarge('') : accept(undefined)
  }

  #tooLarge(at: string): Answer<never> {
    return refuse('data.too-large', { at, detail: `expected at most ${this.#bytesMax} bytes` })
  }
}

/** How long a block can be: a chunk as long as its parent says, anything else any block. */
function longest(cid: Cid, bytes: number | undefined, bytesMax: number): number {
  if (codecOf(cid) !== 'raw') return limits.blockBytesMax
  return Math.min(bytes ?? bytesMax, limits.blockBytesMax)
}

/** Links that follow each other, as many as may be wanted at once; those that came are left out. */
function* runs(
  links: Iterable<readonly [number, Awaited]>,
  missing: ReadonlySet<Cid>,
): Generator<Omit<Piece, 'way'>> {
  let from = 0
  let blocks: Awaited[] = []
  for (const [at, block] of links) {
    if (!missing.has(block.cid)) continue
    if (
      blocks.length > 0 &&
      (at !== from + blocks.length || blocks.length === limits.wantBlocksMax)
    ) {
      yield { from, blocks }
      blocks = []
    }
    if (blocks.length === 0) from = at
    blocks.push(block)
  }
  if (blocks.length > 0) yield { from, blocks }
}
