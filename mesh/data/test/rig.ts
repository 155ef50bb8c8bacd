import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Answer, type Cid, limits, sha256, toHex } from '@nexapod/specs'
import { machineClock } from '../../channel/clock.ts'
import { memoryPipes } from '../../channel/memory-pipe.ts'
import type { Pipe } from '../../channel/pipe.ts'
import { Data, type DataConfig } from '../data.ts'
import type { Tree } from '../importing.ts'
import type { Asking } from '../serve/serving.ts'

/** A directory of a test, gone after it. */
export async function temporary(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'nexapod-data-'))
  return {
    path,
    [Symbol.asyncDispose]: async () => await rm(path, { recursive: true, force: true }),
  }
}

/** Somebody who answers on a pipe: a store that serves, or an attacker. */
export type Answering = (pipe: Pipe, from: string) => Promise<void>

/** Who this is: of a name with a slash in it, what is before that is the network. */
export function askingOf(peer: string): Asking {
  return { peer, network: peer.split('/')[0] as string }
}

/** Peers in one process, who open pipes in memory to each other by name. */
export class Peers implements AsyncDisposable {
  readonly #answering = new Map<string, Answering>()
  readonly #directories: AsyncDisposable[] = []
  readonly #serving = new Set<Promise<void>>()
  /** How often somebody was dialled. */
  readonly dialled = new Map<string, number>()

  /** Opens a store of this name, which serves the others. */
  async open(name: string, config: Partial<DataConfig> = {}): Promise<Data> {
    const directory = await temporary()
    this.#directories.push(directory)
    const data = await Data.open({
      directory: directory.path,
      bytesMax: 1024 * 1024 * 1024,
      mayServe: (_, { sealed }) => !sealed,
      openPipe: async (peer) => this.dial(name, peer),
      ...config,
    })
    this.answer(name, async (pipe, from) => await data.serve(pipe, askingOf(from)))
    return data
  }

  /** Has somebody answer under this name. */
  answer(name: string, answering: Answering): void {
    this.#answering.set(name, answering)
  }

  /** A pipe to whoever has this name. */
  dial(from: string, to: string): Pipe | undefined {
    const answering = this.#answering.get(to)
    if (answering === undefined) return undefined
    this.dialled.set(to, (this.dialled.get(to) ?? 0) + 1)
    const weather = { clock: machineClock, draw: () => 0, windowBytes: 256 * 1024 }
    const [near, far] = memoryPipes(weather)
    const serving = answering(far, from)
    this.#serving.add(serving)
    return near
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#serving)
    for (const directory of this.#directories) await directory[Symbol.asyncDispose]()
  }
}

/** What a yes brought; a no fails the test with its words. */
export function yes<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value
  throw new Error(`${answer.refusal.code} at ${answer.refusal.at}: ${answer.refusal.detail}`)
}

/** Bytes that are the same for the same seed, and do not repeat. */
export function drawnBytes(length: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4))
  let state = seed * 2 + 1
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    words[i] = state ^ (state >>> 15)
  }
  return new Uint8Array(words.buffer, 0, length)
}

/** A file of drawn bytes. */
export function file(length: number, seed = 1): Tree {
  return { bytes: drawnBytes(length, seed) }
}

/** A directory of what is given by name. */
export function directory(entries: Readonly<Record<string, Tree>>): Tree {
  return { entries: new Map(Object.entries(entries)) }
}

/** What a tree holds, in few words: to compare large ones byte by byte takes a test too long. */
export function summary(tree: Tree): unknown {
  if ('bytes' in tree) return `${tree.bytes.length} ${toHex(sha256(tree.bytes))}`
  return Object.fromEntries(Array.from(tree.entries, ([name, one]) => [name, summary(one)]))
}

/** How an import stays in tests that are not about that. */
export const kept = { bytesMax: limits.storageBytesMax, pin: 'kept', sealed: false }

/** A root that nobody has. */
export const nobodys = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi' as Cid

/** The bytes of all files below a directory. */
export async function bytesBelow(directory: string): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size
  }
  return bytes
}
