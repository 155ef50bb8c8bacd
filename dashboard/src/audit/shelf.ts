import { done, opened } from '../key/database.ts'
import type { Kept } from './auditor.ts'

/** What is kept of a chain between visits: where its reading stood, and under which checkpoint. */
export interface Shelved extends Kept {
  readonly chain: string
  /** The signed checkpoint that was checked last: what a fork would contradict. */
  readonly checkpoint: Uint8Array
  readonly at: number
}

const store = 'chains'

/** The database of this browser in which what was verified is kept, one row for each chain. */
export class Shelf {
  #database: IDBDatabase | undefined

  private constructor(database: IDBDatabase | undefined) {
    this.#database = database
  }

  /** Opens it; where a browser has none or denies it, nothing is kept. */
  static async open(name = 'nexapod-wall'): Promise<Shelf> {
    return new Shelf(await opened(name, [store], 'chain'))
  }

  /** What is kept of a chain. */
  async get(chain: string): Promise<Shelved | undefined> {
    const found = this.#rows('readonly')?.get(chain)
    return found === undefined ? undefined : ((await done(found)) as Shelved | undefined)
  }

  /** Keeps it, as long as the browser has room. */
  async put(row: Shelved): Promise<void> {
    const asked = this.#rows('readwrite')?.put(row)
    if (asked === undefined) return
    await done(asked).catch(() => {
      this.#database = undefined
    })
  }

  /** Forgets all, so that the next reading begins with the first entry. */
  async clear(): Promise<void> {
    const asked = this.#rows('readwrite')?.clear()
    if (asked !== undefined) await done(asked)
  }

  #rows(mode: IDBTransactionMode): IDBObjectStore | undefined {
    return this.#database?.transaction(store, mode).objectStore(store)
  }
}
