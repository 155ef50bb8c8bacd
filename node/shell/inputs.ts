import type { Data } from '@nexapod/mesh'
import { type Cid, type Job, limits, type Unit, units } from '@nexapod/specs'
import type { Archives } from '../executors/docker/images.ts'
import type { Content, FileAt, Room } from '../executors/executor.ts'
import type { Execution } from './ground.ts'

/** Where inputs come from. */
export interface Sources {
  /** Who may have a root, by peer id: those to ask first, then whom the directory names. */
  providers(root: Cid, key: string, signal: AbortSignal): AsyncIterable<readonly string[]>
  /** Gateways of coordinators, which give public data faster than a stream does. */
  readonly gateways: readonly string[]
}

/** Where data is kept, when it is open. */
interface Stock {
  readonly data: Data
}

type Tree = Parameters<Data['importTree']>[0]

/** Something that units need, as long as one of them does. */
interface Shared {
  readonly users: Set<string>
  readonly pin: string
  /** What it leads to, when it is here; none if nobody had it, or if this ended it. */
  readonly cid: Promise<Cid | undefined>
  readonly signal: AbortSignal
  /** The path that led to it, if one did. */
  readonly path: string
}

/**
 * What units read: fetched and pinned once for all that need it at one time, then read into memory
 * by who executes them.
 */
export class Inputs implements Content, Archives {
  readonly #stock: Promise<Stock>
  readonly #sources: Sources
  readonly #shared = new Map<string, Shared>()
  /** What paths below roots led to: what lies on such a path may have gone since. */
  readonly #led = new Map<string, Cid>()
  /** Pins of an earlier process have another name. */
  readonly #name = `inputs-${crypto.randomUUID()}`
  #pins = 0

  constructor(stock: Promise<Stock>, sources: Sources) {
    this.#stock = stock
    this.#sources = sources
  }

  /** Whether all inputs of a unit are there. */
  async fetch({ key, job, unit }: Omit<Execution, 'id'>, signal: AbortSignal): Promise<boolean> {
    for (const need of needsOf(job, units(job).at(unit))) {
      if ((await this.#has(need, key, signal)) === undefined) return false
    }
    return true
  }

  /** A unit reads nothing any more. What no other needs may go. */
  async release(key: string): Promise<void> {
    for (const [id, shared] of this.#shared) {
      if (shared.users.delete(key) && shared.users.size === 0) await this.#drop(id, shared)
    }
  }

  /** Whether pins of this name are for units that there are now. */
  names(name: string): boolean {
    return name === this.#name
  }

  async file(cid: Cid, room: Room, below?: string): Promise<Uint8Array | undefined> {
    const tree = await this.#read(cid, room, below)
    return tree !== undefined && 'bytes' in tree ? tree.bytes : undefined
  }

  async directory(cid: Cid, room: Room, below?: string): Promise<readonly FileAt[] | undefined> {
    const tree = await this.#read(cid, room, below)
    return tree !== undefined && 'entries' in tree ? [...filesIn(tree, '')] : undefined
  }

  async save(cid: Cid, path: string, bytesMax: number, signal: AbortSignal): Promise<boolean> {
    const { data } = await this.#stock
    return (await data.exportTo(path, cid, { bytesMax, signal })).ok
  }

  async #read(root: Cid, room: Room, below: string | undefined): Promise<Tree | undefined> {
    const cid = below === undefined ? root : this.#led.get(`${root}/${below}`)
    if (cid === undefined) return undefined
    const { data } = await this.#stock
    const found = await data.exportTree(cid, { bytesMax: room.bytesMax, blocksMax: room.filesMax })
    return found.ok ? found.value : undefined
  }

  async #has(need: Need, key: string, signal: AbortSignal): Promise<Cid | undefined> {
    const id = `${need.root}/${need.below ?? ''} ${need.bytesMax}`
    for (;;) {
      const shared = this.#shared.get(id) ?? this.#begin(id, need, key, signal)
      shared.users.add(key)
      const cid = await unless(signal, shared.cid)
      // Who asked before was ended, and this one was not.
      const isAgain = cid === undefined && shared.signal.aborted && !signal.aborted
      if (!isAgain) return cid
    }
  }

  #begin(id: string, need: Need, key: string, signal: AbortSignal): Shared {
    const pin = `${this.#name} ${this.#pins++}`
    const path = `${need.root}/${need.below}`
    const cid = this.#fetched(need, key, pin, signal)
    const shared: Shared = { users: new Set(), pin, cid, signal, path }
    this.#shared.set(id, shared)
    void cid.then(
      (found) => {
        if (this.#shared.get(id) !== shared) return
        if (found === undefined) this.#shared.delete(id)
        else if (need.below !== undefined) this.#led.set(path, found)
      },
      // Whoever waits for it is told.
      () => this.#shared.delete(id),
    )
    return shared
  }

  async #drop(id: string, { pin, path, cid }: Shared): Promise<void> {
    this.#shared.delete(id)
    // Another job may read the same with other bounds.
    if (![...this.#shared.values()].some((one) => one.path === path)) this.#led.delete(path)
    await cid
    const { data } = await this.#stock
    await data.store.unpin(pin)
  }

  /** What a need leads to, when it is here, whoever had it. */
  async #fetched(
    need: Need,
    key: string,
    pin: string,
    signal: AbortSignal,
  ): Promise<Cid | undefined> {
    const { providers, gateways } = this.#sources
    const { data } = await this.#stock
    try {
      for await (const peers of providers(need.root, key, signal)) {
        const fetched = await data.fetch({ ...need, peers, gateways, pin, lasting: false, signal })
        if (fetched.ok) return fetched.value.cid
      }
      return undefined
    } catch (cause) {
      if (signal.aborted) return undefined
      throw cause
    }
  }
}

/** Something that a unit needs: a root, or what lies below it. */
interface Need {
  readonly root: Cid
  readonly below?: string
  readonly bytesMax: number
}

/** All that a unit needs, and how much each may be. */
function needsOf({ resources }: Job, { executors, inputs }: Unit): readonly Need[] {
  const { diskBytes } = resources
  const programs = executors.flatMap((program): Need[] => {
    if (program.type === 'wasm') {
      return [{ root: program.module, bytesMax: limits.wasmModuleBytesMax }]
    }
    return program.archive === undefined ? [] : [{ root: program.archive, bytesMax: diskBytes }]
  })
  // What programs read is held in memory: more than that would be fetched in vain.
  const isWasm = executors.every(({ type }) => type === 'wasm')
  const heldMax = isWasm ? limits.wasmFileBytesMax : limits.containerFileBytesMax
  const bytesMax = Math.min(diskBytes, heldMax)
  const data = inputs.flatMap(({ from }): Need[] => {
    if (from.type !== 'cid') return []
    const { cid: root, below } = from
    return [{ root, bytesMax, ...(below === undefined ? {} : { below }) }]
  })
  return [...programs, ...data]
}

function* filesIn(tree: Tree, path: string): Generator<FileAt> {
  if ('bytes' in tree) {
    yield { path, bytes: tree.bytes }
    return
  }
  for (const [name, below] of tree.entries) yield* filesIn(below, path ? `${path}/${name}` : name)
}

/** What something comes to, or nothing as soon as nobody wants it. */
async function unless<T>(signal: AbortSignal, coming: Promise<T>): Promise<T | undefined> {
  const ended = Promise.withResolvers<undefined>()
  const end = () => ended.resolve(undefined)
  if (signal.aborted) end()
  signal.addEventListener('abort', end)
  try {
    return await Promise.race([coming, ended.promise])
  } finally {
    signal.removeEventListener('abort', end)
  }
}
