import { limits } from '@nexapod/specs'
import { MemoryDatastore } from 'datastore-core'

type Key = Parameters<MemoryDatastore['put']>[0]

/**
 * What a host remembers of others, and of what they provide: the `bookEntriesMax` entries that were
 * used last. The library keeps each for hours, and whoever makes keys as fast as a machine can
 * would fill any memory in that time.
 */
export class Book extends MemoryDatastore {
  /** The keys, the one that was used last at the end. */
  readonly #keys = new Map<string, Key>()

  override put(key: Key, value: Uint8Array): Key {
    // The directory would store records of megabytes for anybody who puts a key into them.
    if (value.length > limits.bookEntryBytesMax) throw new RangeError('too much to remember')
    this.#use(key)
    if (this.#keys.size > limits.bookEntriesMax) {
      const [oldest] = this.#keys.values()
      if (oldest !== undefined) this.delete(oldest)
    }
    super.put(key, value)
    return key
  }

  override get(key: Key): Uint8Array | Promise<Uint8Array> {
    if (this.#keys.has(key.toString())) this.#use(key)
    return super.get(key)
  }

  override delete(key: Key): void {
    this.#keys.delete(key.toString())
    super.delete(key)
  }

  #use(key: Key): void {
    const text = key.toString()
    this.#keys.delete(text)
    this.#keys.set(text, key)
  }
}
