import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Answer, accept, refuse } from '@nexapod/specs'
import { codesOf } from './damage.ts'
import { copyLevel, found, locked, namesIn, placesOf } from './folder.ts'
import { lookInChild } from './in-child.ts'
import type { BadBytes } from './level-file.ts'
import { badBytes } from './level-files.ts'
import { openStore } from './open.ts'
import { unreadable } from './probed.ts'
import type { Store } from './store.ts'

/**
 * A store that is read and stays as it is. Nobody else opens it meanwhile, unless it is where
 * nothing can be written. What is opened is a copy, in which tables are linked: LevelDB rewrites
 * what it opens, and a look at a damaged store must not change the traces.
 */
export class Source implements AsyncDisposable {
  readonly #directory: string
  readonly #scratch: string
  readonly #lock: AsyncDisposable | undefined

  private constructor(directory: string, scratch: string, lock: AsyncDisposable | undefined) {
    this.#directory = directory
    this.#scratch = scratch
    this.#lock = lock
  }

  /** Holds a store, also one in which damage was found: what of it is sound can be read. */
  static async hold(directory: string): Promise<Answer<Source>> {
    const there = await found(directory)
    if (!there.ok && there.refusal.code !== 'ledger.damaged') return there
    if (there.ok && there.value === 'nothing') {
      return refuse('ledger.version', { detail: 'there is nothing' })
    }
    if (!(await isWritable(directory))) {
      return accept(
        new Source(directory, await mkdtemp(join(tmpdir(), 'nexapod-ledger-')), undefined),
      )
    }
    const lock = await locked(directory)
    if (!lock.ok) return lock
    return accept(new Source(directory, placesOf(directory).scratch, lock.value))
  }

  /** The first bytes that are not as LevelDB wrote them; undefined if all of its checksums hold. */
  async firstBad(): Promise<BadBytes | undefined> {
    for await (const bad of badBytes(placesOf(this.#directory).level)) return bad
    return undefined
  }

  /**
   * Whether this process may read all of it. Native code may fall over bytes that are not as it
   * wrote them, so that a child reads every entry first where there are any.
   */
  async readable(signal?: AbortSignal): Promise<Answer<unknown>> {
    if ((await this.firstBad()) === undefined) return accept(undefined)
    const task = { directory: this.#directory, scratch: this.#scratch, signatures: false }
    return await lookInChild({ task: 'audit', ...task }, { signal })
  }

  /** Opens a copy: close it before this. What is found or written there is not noted here. */
  async open(): Promise<Answer<Store>> {
    const [from, to] = [placesOf(this.#directory), placesOf(this.#scratch)]
    try {
      await copyLevel(from.level, to.level)
      const names = await namesIn(from.now)
      for (const name of ['format', 'anchor'].filter((name) => names.includes(name))) {
        await writeFile(join(to.now, name), await readFile(join(from.now, name)))
      }
    } catch (error) {
      return unreadable(error)
    }
    return await openStore({ directory: this.#scratch })
  }

  /** The entries from a size on, up to the first that is not as it was written; in a child. */
  async salvage(size: number, signal?: AbortSignal): Promise<Uint8Array[]> {
    const entries: Uint8Array[] = []
    await lookInChild(
      { task: 'salvage', directory: this.#directory, scratch: this.#scratch, size },
      { signal, onSalvage: (some) => entries.push(...some.entries) },
    )
    return entries
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#scratch, { recursive: true, force: true })
    await this.#lock?.[Symbol.asyncDispose]()
  }
}

async function isWritable(directory: string): Promise<boolean> {
  try {
    await access(directory, 2)
    return true
  } catch (error) {
    if (codesOf(error).some((code) => code === 'EACCES' || code === 'EROFS')) return false
    throw error
  }
}
