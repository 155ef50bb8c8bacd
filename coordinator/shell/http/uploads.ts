import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Data } from '@nexapod/mesh'
import {
  type Answer,
  accept,
  type Cid,
  limits,
  type Refusal,
  refusalOf,
  refuse,
} from '@nexapod/specs'
import type { Time } from '../time.ts'
import { Turnstile } from './address.ts'
import { Refused } from './problem.ts'

/** A file that was uploaded, and until when it is kept without a job that needs it. */
export interface Uploaded {
  readonly cid: Cid
  readonly bytes: number
  readonly until: number
}

/** An upload that is on its way. */
interface Coming {
  readonly address: string
  bytes: number
}

interface Kept extends Uploaded {
  readonly pin: string
  readonly address: string
}

/** How much may be uploaded, and how long it is kept. */
export interface UploadBounds {
  readonly bytesMax: number
  readonly perAddressBytesMax: number
  readonly keptMs: number
}

/** What holds for a coordinator. */
const usualBounds: UploadBounds = {
  bytesMax: limits.uploadBytesMax,
  perAddressBytesMax: limits.uploadsPerAddressBytesMax,
  keptMs: limits.uploadKeptMs,
}

/** What uploads stand on. */
export interface UploadGround {
  readonly data: Data
  readonly time: Time
  /** Whether a job that has not ended needs some data. */
  isNeeded(cid: Cid): boolean
}

/** How often is looked for what need not be kept any more. */
const sweepMs = 60_000

/**
 * Files that publishers upload for their jobs. What is kept for one address is bounded: an upload
 * comes before the job that names it, keys cost nothing, and addresses are the one thing that who
 * has not published yet cannot have many of. All that is to be known of one is in the name of its
 * pin, so that a restart finds it.
 */
export class Uploads implements AsyncDisposable {
  readonly #directory: string
  readonly #ground: UploadGround
  readonly #bounds: UploadBounds
  readonly #kept = new Map<string, Kept>()
  readonly #coming = new Set<Coming>()
  readonly #turnstile = new Turnstile(limits.uploadsMax, limits.uploadsPerAddressMax)
  #cancel: () => void = () => {}
  #sweeping: Promise<void> = Promise.resolve()
  #isClosed = false

  private constructor(directory: string, ground: UploadGround, bounds: UploadBounds) {
    this.#directory = directory
    this.#ground = ground
    this.#bounds = bounds
    for (const { name, roots } of ground.data.store.pins()) {
      const kept = keptOf(name, roots[0])
      if (kept !== undefined) this.#kept.set(name, kept)
    }
    this.#sweepSoon()
  }

  /** Finds what was uploaded before; of uploads that were cut off nothing is left. */
  static async open(
    directory: string,
    ground: UploadGround,
    bounds: UploadBounds = usualBounds,
  ): Promise<Uploads> {
    await rm(directory, { recursive: true, force: true })
    await mkdir(directory, { recursive: true })
    return new Uploads(directory, ground, bounds)
  }

  /** What is kept, or on its way: for an address, or for all. */
  bytesOf(address?: string): number {
    let bytes = 0
    for (const one of [...this.#kept.values(), ...this.#coming]) {
      if (address === undefined || one.address === address) bytes += one.bytes
    }
    return bytes
  }

  /** Takes in a file as it comes; of a tar the directory that lies in it. */
  async take(
    body: Readable,
    address: string,
    signal: AbortSignal,
    as: 'file' | 'tar' = 'file',
  ): Promise<Answer<Uploaded>> {
    if (!this.#turnstile.enter(address)) {
      return refuse('wire.full', { detail: 'uploads that are on their way', retryMs: 2000 })
    }
    const path = join(this.#directory, randomUUID())
    const coming: Coming = { address, bytes: 0 }
    this.#coming.add(coming)
    try {
      const until = AbortSignal.any([signal, AbortSignal.timeout(limits.uploadMsMax)])
      const refusal = await this.#write(body, path, coming, until)
      return refusal ? { ok: false, refusal } : await this.#keep(path, coming, as)
    } finally {
      this.#turnstile.leave(address)
      this.#coming.delete(coming)
      await rm(path, { force: true })
    }
  }

  /** Lets go what nobody needs any more. */
  async sweep(): Promise<void> {
    const now = this.#ground.time.wall()
    for (const kept of [...this.#kept.values()]) {
      if (kept.until <= now && !this.#ground.isNeeded(kept.cid)) await this.#letGo(kept)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    this.#cancel()
    await this.#sweeping
  }

  async #write(
    body: Readable,
    path: string,
    coming: Coming,
    signal: AbortSignal,
  ): Promise<Refusal | undefined> {
    // Others are read between two chunks: what all of them come to is looked up now and then.
    let looksAt = 0
    const count = new Transform({
      transform: (chunk: Buffer, _, done) => {
        coming.bytes += chunk.length
        const isDue = coming.bytes >= looksAt
        if (isDue) looksAt = coming.bytes + limits.chunkBytes
        const refusal = isDue ? this.#over(coming) : undefined
        if (refusal === undefined) done(undefined, chunk)
        else done(new Refused(refusal))
      },
    })
    try {
      await pipeline(body, count, createWriteStream(path, { flags: 'wx' }), { signal })
      return this.#over(coming)
    } catch (cause) {
      if (cause instanceof Refused) return cause.refusal
      if (signal.aborted || codeOf(cause, 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'EPIPE')) {
        return refusalOf('wire.cut')
      }
      if (codeOf(cause, 'ENOSPC', 'EDQUOT')) return refusalOf('data.full', { detail: 'the disk' })
      throw cause
    }
  }

  #over({ bytes, address }: Coming): Refusal | undefined {
    const { bytesMax, perAddressBytesMax } = this.#bounds
    if (bytes > bytesMax) {
      return refusalOf('data.too-large', { detail: `at most ${bytesMax} bytes` })
    }
    if (this.bytesOf(address) > perAddressBytesMax) {
      const detail = `${perAddressBytesMax} bytes`
      return refusalOf('data.quota', { detail, retryMs: limits.retryMsMax })
    }
    // The other half is for what the coordinator itself has to look at.
    const inAll = Math.floor(this.#ground.data.store.bytesMax / 2)
    return this.bytesOf() > inAll ? refusalOf('data.full', { detail: `${inAll} bytes` }) : undefined
  }

  /** Imports what came. It is pinned as sealed first, for that is what syncs its blocks. */
  async #keep(
    path: string,
    { address, bytes }: Coming,
    as: 'file' | 'tar',
  ): Promise<Answer<Uploaded>> {
    const until = this.#ground.time.wall() + this.#bounds.keptMs
    const pin = `upload ${address} ${until} ${bytes} ${randomUUID()}`
    const { bytesMax } = this.#bounds
    const { data } = this.#ground
    const keeping = { bytesMax, pin, sealed: true }
    const built = await (as === 'tar'
      ? data.importTarAt(path, keeping)
      : data.importPath(path, keeping))
    if (!built.ok) return built
    await this.#ground.data.store.unseal(pin)
    const { cid } = built.value
    // The same file again is kept once, and so for the longer time.
    for (const old of [...this.#kept.values()]) {
      if (old.cid === cid && old.address === address) await this.#letGo(old)
    }
    this.#kept.set(pin, { cid, bytes, until, pin, address })
    return accept({ cid, bytes, until })
  }

  async #letGo({ pin }: Kept): Promise<void> {
    this.#kept.delete(pin)
    await this.#ground.data.store.unpin(pin)
  }

  #sweepSoon(): void {
    if (this.#isClosed) return
    this.#cancel = this.#ground.time.after(sweepMs, () => {
      this.#sweeping = this.sweep().then(() => this.#sweepSoon())
    })
  }
}

function keptOf(pin: string, cid: Cid | undefined): Kept | undefined {
  const found = /^upload (\S+) (\d+) (\d+) \S+$/.exec(pin)
  if (found === null || cid === undefined) return undefined
  const [, address = '', until, bytes] = found
  return { cid, pin, address, until: Number(until), bytes: Number(bytes) }
}

function codeOf(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
