import { type Answer, accept, limits, refuse } from '@nexapod/specs'
import { blockOf } from './block.ts'
import { type Built, buildDirectory, type Entry, FileTree, type Sink } from './build.ts'
import { Names, pathBelow } from './name.ts'

/** What an import may take in, and what may end it. */
export interface ImportBounds {
  readonly bytesMax: number
  readonly signal?: AbortSignal
}

/** A file or directory in memory: what a unit left. */
export type Tree = { readonly bytes: Uint8Array } | { readonly entries: ReadonlyMap<string, Tree> }

/** Makes the blocks of what is opened level by level, wherever it lies. */
export async function importFrom<Place>(
  place: Place,
  open: Opener<Place>,
  sink: Sink,
  bounds: ImportBounds,
): Promise<Answer<Built>> {
  return await new Import(sink, bounds, open).build(place, '')
}

/** Makes the blocks of a file or directory in memory. */
export async function importTree(
  tree: Tree,
  sink: Sink,
  bounds: ImportBounds,
): Promise<Answer<Built>> {
  return await importFrom(tree, inMemory, sink, bounds)
}

/** One level of something to import: chunks of a file, or the names of a directory. */
export type Opened<Place> =
  | { readonly kind: 'file'; chunks(): AsyncIterable<Uint8Array> }
  | { readonly kind: 'directory'; readonly entries: readonly (readonly [string, Place])[] }

/** Opens one level. */
export type Opener<Place> = (place: Place, at: string) => Promise<Answer<Opened<Place>>>

/** Depth first, so that no more is held than the entries of the directories on one path. */
class Import<Place> {
  readonly #sink: Sink
  readonly #bounds: ImportBounds
  readonly #open: Opener<Place>
  #bytes = 0
  #blocks = 0

  constructor(sink: Sink, bounds: ImportBounds, open: Opener<Place>) {
    this.#bounds = bounds
    this.#open = open
    this.#sink = async (block) => {
      bounds.signal?.throwIfAborted()
      this.#blocks += 1
      return await sink(block)
    }
  }

  async build(place: Place, at: string): Promise<Answer<Built>> {
    const opened = await this.#open(place, at)
    if (!opened.ok) return opened
    const { value } = opened
    if (value.kind === 'file') return await this.#file(value.chunks(), at)
    return await this.#directory(value.entries, at)
  }

  async #file(chunks: AsyncIterable<Uint8Array>, at: string): Promise<Answer<Built>> {
    const tree = new FileTree(this.#sink)
    for await (const bytes of chunks) {
      this.#bytes += bytes.length
      if (this.#full()) return this.#tooLarge(at)
      const added = await tree.add(blockOf('raw', bytes))
      if (!added.ok) return added
    }
    return await tree.root()
  }

  async #directory(
    entries: readonly (readonly [string, Place])[],
    at: string,
  ): Promise<Answer<Built>> {
    const names = new Names()
    const built: Entry[] = []
    for (const [name, place] of entries.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const taken = names.take(name, at)
      if (!taken.ok) return taken
      const path = pathBelow(at, name)
      if (!path.ok) return path
      if (this.#full()) return this.#tooLarge(at)
      const entry = await this.build(place, path.value)
      if (!entry.ok) return entry
      built.push({ ...entry.value, name })
    }
    return await buildDirectory(built, this.#sink)
  }

  #full(): boolean {
    return this.#bytes > this.#bounds.bytesMax || this.#blocks >= limits.dagBlocksMax
  }

  #tooLarge(at: string): Answer<never> {
    const { bytesMax } = this.#bounds
    const detail = `expected at most ${bytesMax} bytes in ${limits.dagBlocksMax} blocks`
    return refuse('data.too-large', { at, detail })
  }
}

async function inMemory(tree: Tree): Promise<Answer<Opened<Tree>>> {
  if ('entries' in tree) return accept({ kind: 'directory', entries: [...tree.entries] })
  const { bytes } = tree
  return accept({
    kind: 'file',
    async *chunks() {
      for (let at = 0; at === 0 || at < bytes.length; at += limits.chunkBytes) {
        yield bytes.subarray(at, at + limits.chunkBytes)
      }
    },
  })
}
