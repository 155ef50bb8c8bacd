import { closeSync, fdatasync, openSync, writeSync } from 'node:fs'
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import {
  bytes,
  type Cid,
  choice,
  cid,
  decode,
  encode,
  type Infer,
  limits,
  list,
  optional,
  sha256,
  struct,
  text,
  toHex,
} from '@nexapod/specs'
import { syncPath } from './disk.ts'

const pinSchema = struct({
  name: text({ kind: 'line', max: limits.pinNameBytesMax }),
  roots: list(cid(), { min: 1, max: limits.pinRootsMax }),
  state: choice(['fetched', 'sealed', 'open']),
})

const smallSchema = struct({ cid: cid(), bytes: bytes({ max: limits.pinnedBytesMax }) })

/** A line: what is pinned from now on under a name, or, without that, nothing any more. */
const lineSchema = struct({
  name: text({ kind: 'line', max: limits.pinNameBytesMax }),
  pin: optional(pinSchema),
  blocks: list(smallSchema, { max: limits.pinnedBlocksMax }),
})

/** A hold as it is kept: which roots, under which name. */
export type Pin = Infer<typeof pinSchema>

/** A block that is so small that its pin carries it. */
export interface Small {
  readonly cid: Cid
  readonly bytes: Uint8Array
}

/** Hexadecimal digits of the hash in front of each line. */
const checkDigits = 16
/** What may be stale in the file before it is written anew. */
const staleBytesMax = 4 * 1024 * 1024

/**
 * The rest after a group, as a multiple of what it took, so that the next group is the larger. Of a
 * slow sync no longer than that: by then all who could come wait for the next one.
 */
const rest = { times: 4, msMax: 10 } as const
const sync = promisify(fdatasync)

interface Line {
  readonly text: string
  readonly synced: boolean
  readonly done: PromiseWithResolvers<void>
}

/**
 * The pins on disk: a file of lines that only grows, each with a check of its own, so that damage
 * costs the lines that it is in and no other. Whatever comes while one group of them is written and
 * synced makes the next group.
 */
export class PinLog {
  readonly #path: string
  /** The line of each pin. */
  readonly #live: Map<string, string>
  #liveBytes = 0
  #bytes: number
  #queue: Line[] = []
  #writing: Promise<void> | undefined

  private constructor(path: string, live: Map<string, string>, bytesBefore: number) {
    this.#path = path
    this.#live = live
    this.#bytes = bytesBefore
    for (const line of live.values()) this.#liveBytes += line.length
  }

  /** Opens the file; what was being written when the power failed is what nobody was told of. */
  static async open(path: string): Promise<{ log: PinLog; pins: Pin[]; blocks: Small[] }> {
    await using file = await open(path, 'a+')
    await syncPath(dirname(path))
    const found = await readFile(path, 'latin1')
    // What comes next must not become a part of a line that was cut.
    if (found !== '' && !found.endsWith('\n')) await file.appendFile('\n')
    const live = new Map<string, string>()
    const said = new Map<string, { readonly pin: Pin; readonly blocks: readonly Small[] }>()
    for (const one of found.split('\n')) {
      const line = lineIn(one)
      if (line === undefined) continue
      const { name, pin, blocks } = line
      live.delete(name)
      said.delete(name)
      if (pin === undefined) continue
      live.set(name, `${one}\n`)
      said.set(name, { pin, blocks })
    }
    const pins = Array.from(said.values(), ({ pin }) => pin)
    const blocks = [...said.values()].flatMap((one) => one.blocks)
    return { log: new PinLog(path, live, found.length), pins, blocks }
  }

  /** Keeps a pin, in place of one of this name, and blocks with it; the power may fail then. */
  async keep(pin: Pin, blocks: readonly Small[]): Promise<void> {
    const line = lineOf({ name: pin.name, pin, blocks: [...blocks] })
    this.#remember(pin.name, line)
    await this.#say(line, true)
  }

  /** The same, where it harms nobody if the power fails and what was before is back. */
  async change(pin: Pin): Promise<void> {
    const line = lineOf({ name: pin.name, pin, blocks: [] })
    this.#remember(pin.name, line)
    await this.#say(line, false)
  }

  /** Keeps no pin of this name; if the power fails it may be back. */
  async forget(name: string): Promise<void> {
    this.#drop(name)
    await this.#say(lineOf({ name, blocks: [] }), false)
  }

  async #say(text: string, synced: boolean): Promise<void> {
    const line = { text, synced, done: Promise.withResolvers<void>() }
    this.#queue.push(line)
    this.#writing ??= this.#write()
    await line.done.promise
  }

  #drop(name: string): void {
    this.#liveBytes -= this.#live.get(name)?.length ?? 0
    this.#live.delete(name)
  }

  #remember(name: string, text: string): void {
    this.#drop(name)
    this.#live.set(name, text)
    this.#liveBytes += text.length
  }

  async #write(): Promise<void> {
    // What happens in one tick is written at once.
    await Promise.resolve()
    while (this.#queue.length > 0) {
      const from = performance.now()
      const lines = this.#queue
      this.#queue = []
      try {
        await this.#append(lines)
        for (const { done } of lines) done.resolve()
      } catch (cause) {
        for (const { done } of lines) done.reject(cause)
      }
      const restMs = Math.min(rest.msMax, rest.times * (performance.now() - from))
      if (this.#queue.length > 0) await new Promise((rested) => setTimeout(rested, restMs))
    }
    this.#writing = undefined
  }

  async #append(lines: readonly Line[]): Promise<void> {
    if (this.#bytes > 2 * this.#liveBytes + staleBytesMax) {
      await this.#renew()
      return
    }
    const all = Buffer.from(lines.map(({ text }) => text).join(''), 'latin1')
    // The system's cache takes some kilobytes at once; only a sync is worth another thread.
    const file = openSync(this.#path, 'a')
    try {
      for (let at = 0; at < all.length; ) at += writeSync(file, all, at)
      this.#bytes += all.length
      if (lines.some(({ synced }) => synced)) await sync(file)
    } finally {
      closeSync(file)
    }
  }

  /** Writes what is pinned now into a new file, which takes the place of the old one. */
  async #renew(): Promise<void> {
    const all = [...this.#live.values()].join('')
    const next = `${this.#path}.aside`
    {
      await using file = await open(next, 'w')
      await file.writeFile(all, 'latin1')
      await file.sync()
    }
    await rename(next, this.#path)
    await syncPath(dirname(this.#path))
    this.#bytes = all.length
  }
}

function lineOf(line: Infer<typeof lineSchema>): string {
  const body = Buffer.from(encode(lineSchema, line)).toString('base64')
  return `${checkOf(body)} ${body}\n`
}

function lineIn(text: string): Infer<typeof lineSchema> | undefined {
  const body = text.slice(checkDigits + 1)
  if (text.slice(0, checkDigits) !== checkOf(body)) return undefined
  const line = decode(lineSchema, Buffer.from(body, 'base64'))
  return line.ok ? line.value : undefined
}

function checkOf(body: string): string {
  return toHex(sha256(Buffer.from(body, 'latin1'))).slice(0, checkDigits)
}
