import { writeSync } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { decode, encode, optional, type Refusal, sha256, struct, text } from '@nexapod/specs'
import type { Named, Row, RowName } from '../core/row.ts'
import { rowSchema } from '../core/row.ts'

/** A row that is there from now on, or, without one, that is there no more. */
export interface Change {
  readonly name: RowName
  readonly row?: Row
}

/** A part of the file that is not what was written: where, and what is wrong with it. */
export interface Damage {
  readonly at: number
  readonly bytes: number
  readonly refusal: Refusal | undefined
}

/** What a journal had in it when it was opened. */
export interface Opened {
  readonly journal: Journal
  readonly rows: readonly Named[]
  readonly damages: readonly Damage[]
}

const changeSchema = struct({
  name: text({ pattern: '^[a-z]+/.*$', name: 'the name of a row', min: 1, max: 512 }),
  row: optional(rowSchema),
})

/**
 * In front of each record: its length in four bytes, four of a hash over these, so that a flipped
 * length is told from a record that was cut off; and sixteen of a hash over all of it.
 */
const headBytes = 24
const checkAt = 8
/** What may be stale in the file before it is written anew: more costs a start, less each write. */
const staleBytesMax = 8 * 1024 * 1024

/** Where the record of a row stands. */
interface Placed {
  readonly at: number
  readonly bytes: number
}

/**
 * The rows of a node on its disk: a file that only grows, each change a record with a check, and
 * written anew when most of it is stale. One process at a time, one write at a time.
 */
export class Journal implements AsyncDisposable {
  readonly #path: string
  #file: FileHandle
  #end: number
  readonly #live: Map<RowName, Placed>
  #liveBytes = 0

  private constructor(path: string, file: FileHandle, end: number, live: Map<RowName, Placed>) {
    this.#path = path
    this.#file = file
    this.#end = end
    this.#live = live
    for (const { bytes } of live.values()) this.#liveBytes += bytes
  }

  /**
   * Opens the journal of a directory. A record that a loss of power cut off at the end was never
   * synced, and goes. What is damaged before that is told once, and the file is kept beside.
   */
  static async open(directory: string): Promise<Opened> {
    const path = join(directory, 'journal')
    const file = await open(path, 'a+', 0o600)
    await syncDirectory(directory)
    const bytes = await file.readFile()
    const read = readAll(bytes)
    if (read.damages.length > 0) {
      await using copy = await open(`${path}.damaged-${Date.now()}`, 'wx', 0o600)
      await copy.writeFile(bytes)
      await copy.sync()
    }
    if (read.end < bytes.length) {
      await file.truncate(read.end)
      await file.sync()
    }
    const live = new Map(Array.from(read.rows, ([name, { placed }]) => [name, placed]))
    const rows = Array.from(read.rows, ([name, { row }]) => ({ name, row }))
    const journal = new Journal(path, file, read.end, live)
    if (read.damages.length > 0) await journal.#renew()
    return { journal, rows, damages: read.damages }
  }

  /** Writes these changes, in their order; receipts are on the disk then. A failure is final. */
  async write(changes: readonly Change[]): Promise<void> {
    const records = changes.map(recordOf)
    await this.#append(
      records,
      changes.some(({ row }) => row?.type === 'receipt'),
    )
    for (const [i, { name, row }] of changes.entries()) {
      const bytes = records[i]?.length ?? 0
      this.#liveBytes -= this.#live.get(name)?.bytes ?? 0
      this.#live.delete(name)
      if (row !== undefined) {
        this.#live.set(name, { at: this.#end, bytes })
        this.#liveBytes += bytes
      }
      this.#end += bytes
    }
    if (this.#end > 2 * this.#liveBytes + staleBytesMax) await this.#renew()
  }

  /** Bytes of the file, stale ones included. */
  get bytes(): number {
    return this.#end
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close()
  }

  /**
   * A receipt is on the disk, with all rows before it, when this is done. Rows without one go there
   * with the next: if the power fails first, leases are as if they had never come, and what was
   * acknowledged or decided is delivered again and answered alike.
   */
  async #append(records: readonly Uint8Array[], synced: boolean): Promise<void> {
    const all = Buffer.concat(records)
    // The system's cache takes some kilobytes at once; only the sync is worth another thread.
    for (let at = 0; at < all.length; ) at += writeSync(this.#file.fd, all, at)
    if (synced) await this.#file.datasync()
  }

  /** Writes what is not stale into a new file, which takes the place of the old one at once. */
  async #renew(): Promise<void> {
    const next = `${this.#path}.next`
    await rm(next, { force: true })
    const file = await open(next, 'ax+', 0o600)
    let end = 0
    const moved = new Map<RowName, Placed>()
    for (const [name, { at, bytes }] of this.#live) {
      const record = new Uint8Array(bytes)
      await this.#file.read(record, 0, bytes, at)
      if (bodyAt(record, 0) === undefined) throw new Error(`${this.#path}: damaged at byte ${at}`)
      await file.appendFile(record)
      moved.set(name, { at: end, bytes })
      end += bytes
    }
    await file.sync()
    await rename(next, this.#path)
    await syncDirectory(dirname(this.#path))
    await this.#file.close()
    this.#file = file
    this.#end = end
    for (const [name, placed] of moved) this.#live.set(name, placed)
  }
}

function recordOf({ name, row }: Change): Uint8Array {
  const body = encode(changeSchema, { name, ...(row === undefined ? {} : { row }) })
  const record = new Uint8Array(headBytes + body.length)
  new DataView(record.buffer).setUint32(0, body.length)
  record.set(body, headBytes)
  record.set(sha256(record.subarray(0, 4)).subarray(0, 4), 4)
  record.set(checkOf(record.subarray(0, 4), body), checkAt)
  return record
}

function checkOf(length: Uint8Array, body: Uint8Array): Uint8Array {
  return sha256(Buffer.concat([length, body])).subarray(0, headBytes - checkAt)
}

interface Read {
  readonly rows: ReadonlyMap<RowName, { readonly row: Row; readonly placed: Placed }>
  readonly damages: readonly Damage[]
  /** Where what was written ends. */
  readonly end: number
}

function readAll(bytes: Uint8Array): Read {
  const rows = new Map<RowName, { row: Row; placed: Placed }>()
  const damages: Damage[] = []
  let at = 0
  let end = 0
  while (at < bytes.length) {
    const body = bodyAt(bytes, at)
    if (body === undefined) {
      const next = nextWhole(bytes, at + 1)
      if (next === undefined) {
        if (!isCut(bytes, at)) damages.push({ at, bytes: bytes.length - at, refusal: undefined })
        break
      }
      damages.push({ at, bytes: next - at, refusal: undefined })
      at = next
      continue
    }
    const length = headBytes + body.length
    const change = decode(changeSchema, body)
    if (!change.ok) damages.push({ at, bytes: length, refusal: change.refusal })
    else {
      const name = change.value.name as RowName
      rows.delete(name)
      const { row } = change.value
      if (row !== undefined) rows.set(name, { row, placed: { at, bytes: length } })
    }
    at += length
    end = at
  }
  return { rows, damages, end }
}

/** The body of the record that begins there, if one does. */
function bodyAt(bytes: Uint8Array, at: number): Uint8Array | undefined {
  const length = lengthAt(bytes, at)
  if (length === undefined || at + headBytes + length > bytes.length) return undefined
  const body = bytes.subarray(at + headBytes, at + headBytes + length)
  const check = checkOf(bytes.subarray(at, at + 4), body)
  return check.every((byte, i) => byte === bytes[at + checkAt + i]) ? body : undefined
}

/**
 * Whether what is at the end was being written when the power failed: a head and not all that it
 * announces, less than a head, or room that nothing was written to. Anything else may have been
 * synced.
 */
function isCut(bytes: Uint8Array, at: number): boolean {
  if (at + headBytes > bytes.length) return true
  const length = lengthAt(bytes, at)
  if (length === undefined) return bytes.subarray(at).every((byte) => byte === 0)
  return at + headBytes + length > bytes.length
}

/** The length that the head of a record says, if there is a head. */
function lengthAt(bytes: Uint8Array, at: number): number | undefined {
  if (at + headBytes > bytes.length) return undefined
  const length = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0)
  if (length === 0 || length > changeSchema.bytesMax) return undefined
  const check = sha256(bytes.subarray(at, at + 4))
  const isWhole = check.subarray(0, 4).every((byte, i) => byte === bytes[at + 4 + i])
  return isWhole ? length : undefined
}

/** Where the next record begins whose check is right. */
function nextWhole(bytes: Uint8Array, from: number): number | undefined {
  for (let at = from; at + headBytes < bytes.length; at++) {
    if (bodyAt(bytes, at) !== undefined) return at
  }
  return undefined
}

async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, 'r')
  await directory.sync()
}
