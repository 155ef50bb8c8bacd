import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Digest, digestBytes, limits } from '@nexapod/specs'
import { namesIn, syncFolder } from './folder.ts'
import { checkOf, equal, getUint, joined, numberKey, putUint } from './row.ts'

/** Of which chain a snapshot is: how many entries were folded, and the hash of the last. */
export interface SnapshotName {
  readonly size: number
  readonly head: Digest
}

/** Before each part: its length, and its check over the name, its number and its bytes. */
const headerBytes = 8 + 32

/**
 * What a fold wants to find again: a cache, and never the truth. Files beside LevelDB, because what
 * is long must not hold up what is written; each part has its check, and the last part is empty.
 */
export class Snapshots {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Keeps a snapshot, and no more than the last few. */
  async keep(name: SnapshotName, parts: Iterable<Uint8Array>): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    const path = join(this.#folder, fileOf(name))
    const unfinished = `${path}.unfinished`
    try {
      await using file = await open(unfinished, 'w')
      let index = 0
      for (const part of parts) await write(file, name, index++, part)
      await write(file, name, index, new Uint8Array(0))
      await file.sync()
    } catch (error) {
      await rm(unfinished, { force: true })
      throw error
    }
    await rename(unfinished, path)
    await syncFolder(this.#folder)
    const names = await this.#names()
    const old = names.slice(0, Math.max(0, names.length - limits.snapshotsKeptMax))
    for (const one of old) await rm(join(this.#folder, fileOf(one)))
  }

  /** The snapshots that are there, the last one first. Whether they are sound shows when read. */
  async list(): Promise<SnapshotName[]> {
    return (await this.#names()).reverse()
  }

  /** The parts of a snapshot: undefined in the place of the first one that is not as written. */
  async *parts(name: SnapshotName): AsyncGenerator<Uint8Array | undefined> {
    await using file = await open(join(this.#folder, fileOf(name)))
    for (let index = 0, at = 0; ; index++) {
      const header = await read(file, at, headerBytes)
      const length = header === undefined ? undefined : getUint(header, 0)
      const fits = length !== undefined && length <= limits.snapshotPartBytesMax
      const part = fits ? await read(file, at + headerBytes, length) : undefined
      const check = header?.subarray(8)
      if (!part || !check || !equal(check, checkOf(keyOf(name, index), part))) {
        yield undefined
        return
      }
      if (part.length === 0) return
      yield part
      at += headerBytes + part.length
    }
  }

  async #names(): Promise<SnapshotName[]> {
    return (await namesIn(this.#folder))
      .flatMap((name) => {
        const [, size, head] = /^(\d{1,16})-([0-9a-f]{64})$/.exec(name) ?? []
        return size && head ? [{ size: Number(size), head: head as Digest }] : []
      })
      .sort((a, b) => a.size - b.size)
  }
}

async function write(file: FileHandle, name: SnapshotName, index: number, part: Uint8Array) {
  if (part.length > limits.snapshotPartBytesMax) {
    throw new RangeError(`at most ${limits.snapshotPartBytesMax} bytes, got ${part.length}`)
  }
  const length = new Uint8Array(8)
  putUint(length, 0, part.length)
  await file.writeFile(joined(length, checkOf(keyOf(name, index), part), part))
}

/** So many bytes of a file, or undefined where it ends before. */
async function read(file: FileHandle, at: number, length: number) {
  const bytes = new Uint8Array(length)
  const { bytesRead } = await file.read(bytes, 0, length, at)
  return bytesRead === length ? bytes : undefined
}

function fileOf({ size, head }: SnapshotName): string {
  return `${size}-${head}`
}

function keyOf({ size, head }: SnapshotName, index: number): Uint8Array {
  return joined(numberKey(size), digestBytes(head), numberKey(index))
}
