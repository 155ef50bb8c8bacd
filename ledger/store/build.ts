import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Answer, accept, limits } from '@nexapod/specs'
import { Chain, type Taken } from '../chain/chain.ts'
import { Anchor } from './anchor.ts'
import { Disk } from './disk.ts'
import { placesOf, syncFolder, writeFormat } from './folder.ts'
import { tipKey } from './row.ts'
import { noTip, type Tip, writtenTip } from './tip.ts'
import { type KeptChange, Writes } from './writes.ts'

/** A store that is being made beside the one that it will replace. */
export class Build implements AsyncDisposable {
  readonly #disk: Disk
  readonly #anchor: Anchor
  readonly #writes: Writes
  readonly #chain = new Chain()

  private constructor(disk: Disk, anchor: Anchor) {
    this.#disk = disk
    this.#anchor = anchor
    this.#writes = new Writes(disk, anchor, { tip: noTip, kept: new Map(), peaks: [] })
  }

  /** Begins an empty store in the place of the next one of a directory. */
  static async begin(directory: string): Promise<Build> {
    const { next } = placesOf(directory)
    await rm(next, { recursive: true, force: true })
    await mkdir(next)
    await writeFormat(next)
    const disk = await Disk.open(join(next, 'level'), { create: true })
    try {
      await disk.write([{ type: 'put', key: tipKey, value: writtenTip(noTip) }])
      const anchor = await Anchor.create(next, noTip)
      await syncFolder(join(next, 'level'))
      await syncFolder(next)
      return new Build(disk, anchor)
    } catch (error) {
      await disk[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Where the store that is made stands. */
  get tip(): Tip {
    return this.#writes.tip
  }

  /** Takes entries from wherever they come, each checked by all rules of a chain. */
  async take(
    entries: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    { signal, onProgress }: BuildListening = {},
  ): Promise<Answer<Tip>> {
    let group: Taken[] = []
    for await (const bytes of entries) {
      signal?.throwIfAborted()
      const taken = this.#chain.append(bytes)
      if (!taken.ok) {
        const written = await this.#flush(group)
        return written.ok ? taken : written
      }
      group.push(taken.value)
      if (group.length < limits.groupEntriesMax) continue
      const written = await this.#flush(group)
      if (!written.ok) return written
      group = []
      onProgress?.(this.tip.size)
    }
    return await this.#flush(group)
  }

  /** Puts kept rows. */
  async keep(rows: readonly KeptChange[]): Promise<Answer<Tip>> {
    for (let at = 0; at < rows.length; at += limits.groupEntriesMax) {
      const written = await this.#writes.write(rows.slice(at, at + limits.groupEntriesMax))
      if (!written.ok) return written
    }
    return accept(this.tip)
  }

  /** The hash of the last entry at a size. */
  async headAt(size: number): Promise<Uint8Array> {
    return (await this.#disk.nodes([{ level: 0, index: size - 1 }]))[0] as Uint8Array
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writes.idle()
    await this.#disk[Symbol.asyncDispose]()
    await this.#anchor[Symbol.asyncDispose]()
  }

  async #flush(group: readonly Taken[]): Promise<Answer<Tip>> {
    return group.length === 0 ? accept(this.tip) : await this.#writes.append(group, [])
  }
}

/** Who watches a store being made. */
export interface BuildListening {
  readonly signal?: AbortSignal | undefined
  /** How many entries are in it. */
  readonly onProgress?: ((size: number) => void) | undefined
}
