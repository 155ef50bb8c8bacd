import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Cid, cidBytes } from '@nexapod/specs'

/** A folder for each letter of base 32: none holds more names than a file system likes. */
const folders = 'abcdefghijklmnopqrstuvwxyz234567'

/**
 * Up to this a block is written and read without leaving the thread: the system's cache does that
 * in some microseconds, and handing it to another thread costs ten times as many.
 */
const smallBytesMax = 16 * 1024

/** A file that was found, and when it was written. */
export interface Found {
  readonly cid: Cid
  readonly bytes: number
  readonly writtenMs: number
}

/**
 * Blocks as files, large ones written aside and renamed: under its name a block is whole, or it is
 * the power that failed or a kill between two calls, and then its hash shows it.
 */
export class Disk {
  readonly #blocks: string
  readonly #aside: string
  #written = 0

  private constructor(directory: string) {
    this.#blocks = join(directory, 'blocks')
    this.#aside = join(directory, 'aside')
  }

  /** Opens a directory of blocks; what was half written when a process ended is gone. */
  static async open(directory: string): Promise<Disk> {
    const disk = new Disk(directory)
    await rm(disk.#aside, { recursive: true, force: true })
    await mkdir(disk.#aside, { recursive: true })
    for (const folder of folders) await mkdir(join(disk.#blocks, folder), { recursive: true })
    return disk
  }

  /** Every block that is there; what is no block is removed. */
  async *found(): AsyncGenerator<Found> {
    for (const folder of await readdir(this.#blocks)) {
      const inside = join(this.#blocks, folder)
      for (const name of await readdir(inside)) {
        const path = join(inside, name)
        const { size, mtimeMs } = await stat(path)
        const cid = name as Cid
        if (cidBytes(name) === undefined || this.#path(cid) !== path) await unlink(path)
        else yield { cid, bytes: size, writtenMs: mtimeMs }
      }
    }
  }

  /** Puts a block under its name; false if the disk is full. */
  async write(cid: Cid, bytes: Uint8Array): Promise<boolean> {
    const aside = join(this.#aside, `${this.#written++}`)
    const path = this.#path(cid)
    const isSmall = bytes.length <= smallBytesMax
    try {
      if (isSmall) {
        writeSmall(path, bytes)
      } else {
        await writeWhole(aside, bytes)
        await rename(aside, path)
      }
      return true
    } catch (error) {
      await rm(isSmall ? path : aside, { force: true })
      if (['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
      throw error
    }
  }

  /** The bytes under a name, whatever they are, read into this; undefined where there are none. */
  async read(cid: Cid, into: Uint8Array): Promise<Uint8Array | undefined> {
    if (into.length <= smallBytesMax) return readSmall(this.#path(cid), into)
    const file = await missingIsUndefined(open(this.#path(cid)))
    if (file === undefined) return undefined
    try {
      let at = 0
      while (at < into.length) {
        const { bytesRead } = await file.read(into, at, into.length - at, at)
        if (bytesRead === 0) break
        at += bytesRead
      }
      return into.subarray(0, at)
    } finally {
      await file.close()
    }
  }

  async remove(cid: Cid): Promise<void> {
    await missingIsUndefined(unlink(this.#path(cid)))
  }

  /** After this these blocks are there when the power fails. */
  async sync(cids: readonly Cid[]): Promise<void> {
    const paths = cids.map((cid) => this.#path(cid))
    for (const path of [...paths, ...new Set(paths.map(dirname))]) await syncPath(path)
  }

  #path(cid: Cid): string {
    return join(this.#blocks, cid.slice(-3, -2), cid)
  }
}

/** In one call, at its place: what a kill leaves of it is nothing, and not its name's. */
function writeSmall(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'w')
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
  } finally {
    closeSync(file)
  }
}

function readSmall(path: string, into: Uint8Array): Uint8Array | undefined {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return into.subarray(0, readSync(file, into, 0, into.length, 0))
  } finally {
    closeSync(file)
  }
}

/** Like `writeFile`, which cuts what it writes into pieces. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w')
  try {
    for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten
  } finally {
    await file.close()
  }
}

/** Has a file or directory on the disk. */
export async function syncPath(path: string): Promise<void> {
  const file = await open(path)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

async function missingIsUndefined<T>(doing: Promise<T>): Promise<T | undefined> {
  try {
    return await doing
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
