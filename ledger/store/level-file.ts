import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { codesOf, said } from './damage.ts'

/** Bytes of a file that are not as LevelDB wrote them. */
export interface BadBytes {
  /** The name of the file in its folder. */
  readonly file: string
  /** Where the smallest part begins that the format can tell to be wrong. */
  readonly from: number
  /** The byte behind it: the same as `from` where a file is gone or empty. */
  readonly to: number
  /** What is wrong: a sentence. */
  readonly found: string
}

/** What bytes are read from: a file of Node.js, or what behaves as one. */
export interface Source {
  read(into: Uint8Array, at: number, length: number, from: number): Promise<{ bytesRead: number }>
  close(): Promise<void>
}

/** How many bytes are read at once: a call for each block would cost more than checking it. */
const aheadBytes = 2 ** 20

/** A file that may be damaged, read a piece at a time. */
export class LevelFile implements AsyncDisposable {
  readonly name: string
  readonly size: number
  readonly #source: Source
  readonly #buffer: Uint8Array
  #ahead = aheadBytes
  #held: Uint8Array = new Uint8Array()
  #heldFrom = 0

  constructor(name: string, size: number, source: Source) {
    this.name = name
    this.size = size
    this.#source = source
    this.#buffer = new Uint8Array(Math.min(size, aheadBytes))
  }

  /** Opens a file of a folder; says what is wrong if there is none. */
  static async open(location: string, name: string): Promise<LevelFile | BadBytes> {
    try {
      const source = await open(join(location, name))
      try {
        return new LevelFile(name, (await source.stat()).size, source)
      } catch (error) {
        await source.close()
        throw error
      }
    } catch (error) {
      if (!codesOf(error).some((code) => gone.includes(code))) throw error
      return { file: name, from: 0, to: 0, found: 'the file is not there' }
    }
  }

  /** Says that a part of this file is bad. */
  bad(from: number, to: number, found: string): BadBytes {
    return { file: this.name, from, to, found }
  }

  /** Bytes of the file, until the next are asked for; says which cannot be read. */
  async read(from: number, to: number): Promise<Uint8Array | BadBytes> {
    for (;;) {
      const start = from - this.#heldFrom
      if (start >= 0 && to - this.#heldFrom <= this.#held.length) {
        return this.#held.subarray(start, to - this.#heldFrom)
      }
      try {
        await this.#hold(from, Math.max(to, Math.min(from + this.#ahead, this.size)))
      } catch (error) {
        if (!codesOf(error).some((code) => unread.includes(code))) throw error
        if (this.#ahead === 0) return this.bad(from, to, `it cannot be read: ${said(error)}`)
        // From here on only what is asked for is read, to see which part it is that cannot be.
        this.#ahead = 0
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source.close()
  }

  async #hold(from: number, to: number): Promise<void> {
    const length = to - from
    const into = length <= this.#buffer.length ? this.#buffer : new Uint8Array(length)
    this.#held = into.subarray(0, 0)
    for (let at = 0; at < length; ) {
      const { bytesRead } = await this.#source.read(into, at, length - at, from + at)
      if (bytesRead === 0) throw new Error(`${this.name} became shorter while it was read`)
      at += bytesRead
    }
    this.#held = into.subarray(0, length)
    this.#heldFrom = from
  }
}

/** What opening says of a file that is not there, or is no file. */
const gone = ['ENOENT', 'ENOTDIR', 'ELOOP']

/** What reading says of a sector that is lost, and of a folder in the place of a file. */
const unread = ['EIO', 'EISDIR']
