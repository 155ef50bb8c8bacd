import type { Data } from '@nexapod/mesh'
import { type Cid, type JobId, limits, type NodeId } from '@nexapod/specs'
import type { Time } from '../../time.ts'
import { Turns } from './turns.ts'

/** The first pause before a node is asked again that has gone; each is twice as long. */
const againMs = 1000
/** What a file may be longer with the blocks that hold it together. */
const around = { share: 1.02, bytes: 64 * 1024 }

/** What outputs are held in. */
export interface HeldGround {
  /** A store of its own: what waits for a verdict in it is shown to nobody. */
  readonly apart: Data
  /** What the coordinator keeps: outputs that were accepted before are there. */
  readonly kept: Data
  readonly time: Time
}

/** An execution whose outputs are wanted. */
export interface Execution {
  readonly id: JobId
  readonly unit: number
  readonly slot: number
  /** Who has them. */
  readonly nodes: readonly NodeId[]
}

/** An output of it. */
interface Output {
  readonly cid: Cid
  readonly bytes: number
}

/** Outputs of units that are not decided: fetched from who made them, and held until they are. */
export class Held {
  readonly #ground: HeldGround
  /** A node is asked for one thing after the other. */
  readonly #turns = new Map<NodeId, Turns>()

  constructor(ground: HeldGround) {
    this.#ground = ground
  }

  /** Has outputs here; false if they could not be had, though they were asked for several times. */
  async have(
    execution: Execution,
    outputs: readonly Output[],
    signal: AbortSignal,
  ): Promise<boolean> {
    let left: number = limits.compareBytesMax
    for (const [i, { cid, bytes }] of outputs.entries()) {
      left -= bytes
      if (left < 0 || !(await this.#has(execution, i, { cid, bytes }, signal))) return false
    }
    return true
  }

  /** The store in which an output is. */
  storeOf(root: Cid): Data {
    const { apart, kept } = this.#ground
    return apart.store.pins().some(({ roots }) => roots.includes(root)) ? apart : kept
  }

  /** Lets go of all that was held for units of which none is open. */
  async release(isOpen: (id: JobId, unit: number) => boolean): Promise<void> {
    const { store } = this.#ground.apart
    for (const { name } of store.pins()) {
      const [id, unit] = name.split('/')
      if (!isOpen(id as JobId, Number(unit))) await store.unpin(name)
    }
  }

  async #has(
    { id, unit, slot, nodes }: Execution,
    number: number,
    { cid: root, bytes }: Output,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { apart, kept, time } = this.#ground
    const pin = `${id}/${unit}/${slot}/${number}`
    const isPinned = () => apart.store.pins().some(({ name }) => name === pin)
    const bytesMax = Math.ceil(bytes * around.share) + around.bytes
    const wanted = { root, bytesMax, gateways: [], only: true, pin }
    for (let tries = 0; ; tries++) {
      if (isPinned()) return true
      for (const node of nodes) {
        const fetched = await this.#turnsOf(node, async () => {
          const soon = AbortSignal.any([signal, AbortSignal.timeout(limits.compareMs)])
          return await within(soon, apart.fetch({ ...wanted, peers: [node], signal: soon }))
        })
        signal.throwIfAborted()
        if (fetched?.ok === true) return true
      }
      if (kept.store.pins().some(({ roots }) => roots.includes(root))) return true
      if (tries >= limits.compareTriesMax) return false
      await pause(time, againMs * 2 ** tries, signal)
    }
  }

  async #turnsOf<T>(node: NodeId, act: () => Promise<T>): Promise<T> {
    const turns = this.#turns.get(node) ?? new Turns(1)
    this.#turns.set(node, turns)
    const done = await turns.take(act)
    if (turns.isIdle) this.#turns.delete(node)
    return done
  }
}

/** What is not there when its time is over, is not there. */
async function within<T>(signal: AbortSignal, doing: Promise<T>): Promise<T | undefined> {
  return await doing.catch((cause: unknown) => {
    if (signal.aborted) return undefined
    throw cause
  })
}

async function pause(time: Time, ms: number, signal: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<void>()
  const cancel = time.after(ms, over.resolve)
  signal.addEventListener('abort', () => over.resolve(), { once: true })
  await over.promise
  cancel()
  signal.throwIfAborted()
}
