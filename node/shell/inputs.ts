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

/** What units read: fetched and pinned for each, then read into memory by who executes it. */
export class Inputs implements Content, Archives {
  readonly #stock: Promise<Stock>
  readonly #sources: Sources
  /** What paths below roots led to, by unit: what lies on such a path may have gone since. */
  readonly #led = new Map<string, Map<string, Cid>>()

  constructor(stock: Promise<Stock>, sources: Sources) {
    this.#stock = stock
    this.#sources = sources
  }

  /** Whether all inputs of a unit are there. */
  async fetch({ key, job, unit }: Omit<Execution, 'id'>, signal: AbortSignal): Promise<boolean> {
    const led = new Map<string, Cid>()
    this.#led.set(key, led)
    for (const [number, need] of needsOf(job, units(job).at(unit)).entries()) {
      const cid = await this.#fetched(need, key, nameOf(key, 'in', number), signal)
      if (cid === undefined) return false
      if (need.below !== undefined) led.set(`${need.root}/${need.below}`, cid)
    }
    return true
  }

  /** A unit reads nothing any more. */
  forget(key: string): void {
    this.#led.delete(key)
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
    const cid = below === undefined ? root : this.#end(`${root}/${below}`)
    if (cid === undefined) return undefined
    const { data } = await this.#stock
    const found = await data.exportTree(cid, { bytesMax: room.bytesMax, blocksMax: room.filesMax })
    return found.ok ? found.value : undefined
  }

  #end(path: string): Cid | undefined {
    for (const led of this.#led.values()) {
      const cid = led.get(path)
      if (cid !== undefined) return cid
    }
    return undefined
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

/** What lies on the disk for a unit is called by its key, a space, what it is, and a number. */
export function nameOf(key: string, kind: 'in' | 'out', number: number): string {
  return `${key} ${kind} ${number}`
}
