import {
  type Answer,
  bytes,
  type Checkpoint,
  type Cosignature,
  checkpointDocument,
  cosignatureDocument,
  fromJson,
  leafHash,
  limits,
  list,
  nodeHash,
  signedSchema,
  struct,
} from '@nexapod/specs'
import { ask, type Said } from '../api/ask.ts'
import { isSnapshot } from '../api/snapshot.ts'
import type { Cosigned } from './auditor.ts'

const entryBytes = bytes({ max: limits.entryBytesMax })
const hashes = list(bytes({ size: 32 }), { max: limits.pathHashesMax })
const cosigned = struct({
  checkpoint: signedSchema<Checkpoint>(checkpointDocument),
  cosignatures: list(signedSchema<Cosignature>(cosignatureDocument), { max: limits.rosterMax }),
})

/** Which chain a coordinator writes, and how long it says that it is. */
export interface Length {
  readonly chain: string
  readonly size: number
  readonly checkpointed: number
}

/** An entry with the path to the root at a size. */
export interface Path {
  readonly entry: Uint8Array
  readonly size: number
  readonly path: readonly Uint8Array[]
}

/** An answer that is none: whoever gives it is asked again, as if it had said nothing. */
const unread: Said<never> = {
  ok: false,
  problem: {
    code: 'away',
    title: 'The coordinator says nothing that can be read.',
    todo: 'It is asked again by itself.',
    retryMs: 3000,
  },
}

type Item = { readonly bytes?: unknown } | undefined | null

/** What is read of a chain over the HTTP API: bytes, and nothing that they are said to mean. */
export class Source {
  readonly #base: string
  /** What of an address says which chain: nothing, if it is the coordinator's own. */
  readonly #which: string

  constructor(base: string, chain?: string) {
    this.#base = base
    this.#which = chain === undefined ? '' : `chain=${chain}`
  }

  async length(): Promise<Said<Length>> {
    const said = await ask<unknown>(this.#base, this.#of('api/v1/ledger'))
    if (!said.ok) return said
    const { chain, size, checkpointed } = said.value as Record<keyof Length, unknown>
    if (typeof chain !== 'string' || !isSize(size) || !isSize(checkpointed)) return unread
    return { ok: true, value: { chain, size, checkpointed } }
  }

  /** Entries from one on, as many as come at once, and none beyond a size. */
  async entries(from: number, to: number): Promise<Said<Uint8Array[]>> {
    const limit = Math.min(limits.pageMax, to - from)
    const path = this.#of(`api/v1/ledger/entries?cursor=${from}&limit=${limit}`)
    for (;;) {
      const page = await ask<{ readonly items?: unknown }>(this.#base, path)
      if (page.ok) {
        const { items } = page.value
        if (!Array.isArray(items)) return unread
        return { ok: true, value: items.map((item: Item) => bytesIn(item?.bytes)) }
      }
      const { code, retryMs = 0 } = page.problem
      if (code !== 'wire.rate') return page
      // Whoever reads a long chain is told to wait now and then.
      await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
  }

  /** The last checkpoint, if what was sent is one. */
  async checkpoint(): Promise<Said<Answer<Cosigned>>> {
    const said = await ask<never>(this.#base, this.#of('api/v1/ledger/checkpoint'))
    return said.ok ? { ok: true, value: fromJson(cosigned, said.value) } : said
  }

  /** The path from an entry to the root at a size. */
  async path(seq: number, size: number): Promise<Said<Path>> {
    if (isSnapshot(this.#base)) return await this.#computed(seq, size)
    const asked = this.#of(`api/v1/ledger/entries/${seq}/proof?size=${size}`)
    const said = await ask<{ readonly entry: unknown; readonly path: never }>(this.#base, asked)
    if (!said.ok) return said
    const path = fromJson(hashes, said.value.path)
    return {
      ok: true,
      value: { entry: bytesIn(said.value.entry), size, path: path.ok ? path.value : [] },
    }
  }

  #of(path: string): string {
    if (this.#which === '') return path
    return `${path}${path.includes('?') ? '&' : '?'}${this.#which}`
  }

  /** The same out of a snapshot, which has all entries and no paths. */
  async #computed(seq: number, size: number): Promise<Said<Path>> {
    const all: Uint8Array[] = []
    while (all.length < size) {
      const page = await this.entries(all.length, size)
      if (!page.ok) return page
      if (page.value.length === 0) break
      all.push(...page.value)
    }
    const path = pathIn(all.map(leafHash), seq)
    return { ok: true, value: { entry: all[seq] ?? new Uint8Array(), size, path } }
  }
}

/** The root over leaves, and the hashes of each half where one leaf is not: the lowest first. */
function pathIn(leaves: readonly Uint8Array[], seq: number): readonly Uint8Array[] {
  if (leaves.length <= 1) return []
  const half = 2 ** Math.floor(Math.log2(leaves.length - 1))
  const [left, right] = [leaves.slice(0, half), leaves.slice(half)]
  return seq < half
    ? [...pathIn(left, seq), rootOf(right)]
    : [...pathIn(right, seq - half), rootOf(left)]
}

function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves
  if (only !== undefined && leaves.length === 1) return only
  const half = 2 ** Math.floor(Math.log2(leaves.length - 1))
  return nodeHash(rootOf(leaves.slice(0, half)), rootOf(leaves.slice(half)))
}

/** Bytes of JSON; what is none is empty, and no entry is that. */
export function bytesIn(json: unknown): Uint8Array {
  const read = fromJson(entryBytes, typeof json === 'string' ? json : '')
  return read.ok ? read.value : new Uint8Array()
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
