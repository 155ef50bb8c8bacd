import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { codesOf, Damage } from './damage.ts'
import { readTip, type Tip, tipBytes, writtenTip } from './tip.ts'

/** Two places of a file, a page apart: a write that is torn leaves the other as it was. */
const slotBytes = 4096
const slots = 2

/** What a look at the anchor found: the last tip in it, and how many of its places are unread. */
export interface Anchored {
  readonly tip: Tip
  readonly unread: number
}

/**
 * The store's own memory of its last acknowledged write, beside LevelDB: a log that lost its end
 * is a valid shorter log, and nothing in LevelDB would say so. Written and synced after LevelDB's
 * sync and before the acknowledgement, so it is never ahead of what is on the disk.
 */
export class Anchor implements AsyncDisposable {
  readonly #file: FileHandle

  private constructor(file: FileHandle) {
    this.#file = file
  }

  /** Makes the anchor of a new store. */
  static async create(folder: string, tip: Tip): Promise<Anchor> {
    const file = await open(join(folder, 'anchor'), 'wx+')
    try {
      await file.write(new Uint8Array(slotBytes * slots), 0, slotBytes * slots, 0)
      const anchor = new Anchor(file)
      for (let i = 0; i < slots; i++) await anchor.#put(i, tip)
      await file.sync()
      return anchor
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Opens the anchor of a store that is there, to go on with it. */
  static async open(folder: string): Promise<Anchor> {
    return new Anchor(await open(join(folder, 'anchor'), 'r+'))
  }

  /** Keeps a tip, safe from a crash when this resolves. */
  async keep(tip: Tip): Promise<void> {
    await this.#put(tip.turn % slots, tip)
    await this.#file.datasync()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close()
  }

  async #put(slot: number, tip: Tip): Promise<void> {
    const bytes = writtenTip(tip)
    const { bytesWritten } = await this.#file.write(bytes, 0, bytes.length, slot * slotBytes)
    if (bytesWritten !== bytes.length) throw new Error('the anchor was written in part')
  }
}

/** Reads the last tip that a store acknowledged, or finds that it cannot be known. */
export async function anchored(folder: string): Promise<Anchored> {
  const bytes = await read(join(folder, 'anchor'))
  if (bytes.length !== slotBytes * slots) {
    throw new Damage('anchor', `the file has ${bytes.length} bytes, not ${slotBytes * slots}`)
  }
  const tips = Array.from({ length: slots }, (_, i) =>
    readTip(bytes.subarray(i * slotBytes, i * slotBytes + tipBytes)),
  ).filter((tip) => tip !== undefined)
  const [first] = tips
  if (first === undefined) throw new Damage('anchor', 'neither of its two places can be read')
  const tip = tips.reduce((last, other) => (other.turn > last.turn ? other : last), first)
  return { tip, unread: slots - tips.length }
}

async function read(path: string): Promise<Uint8Array> {
  try {
    await using file = await open(path)
    const { buffer, bytesRead } = await file.read(new Uint8Array(slotBytes * slots + 1))
    return buffer.subarray(0, bytesRead)
  } catch (error) {
    if (!codesOf(error).includes('ENOENT')) throw error
    throw new Damage('anchor', 'the file is gone', { cause: error })
  }
}
