import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Answer, accept, type Cid, limits, refuse } from '@nexapod/specs'
import { type Block, blockIf, codecOf } from '../block.ts'
import type { Buffers } from '../buffers.ts'
import { nodeOf } from '../node.ts'
import { Disk, type Found } from './disk.ts'
import { type Pin, PinLog } from './pins.ts'
import { type Hold, holdOf, Shelf } from './shelf.ts'
import { mend, Smalls } from './small.ts'

/** Where blocks are kept, and how many bytes of them. */
export interface StoreConfig {
  readonly directory: string
  readonly bytesMax: number
}

/** Blocks that are being made or fetched: they stay until this is closed. */
export interface Stage extends AsyncDisposable {
  put(block: Block): Promise<Answer<void>>
  /** Holds a block that is here; false if it is not. */
  take(cid: Cid): boolean
}

/**
 * Blocks on disk, at most so many bytes of them. What was used longest ago goes first; what is
 * below a pin stays. One process at a time: whoever opens the directory has to see to that.
 */
export class Store {
  readonly #disk: Disk
  readonly #log: PinLog
  readonly #shelf = new Shelf()
  readonly #holds = new Map<string, Hold>()
  readonly #smalls = new Smalls()
  /** What is being done to a file: one thing at a time. */
  readonly #busy = new Map<Cid, Promise<void>>()

  private constructor(disk: Disk, log: PinLog) {
    this.#disk = disk
    this.#log = log
  }

  /** Opens a store: what is there is found by looking, and what was pinned is pinned. */
  static async open({ directory, bytesMax }: StoreConfig): Promise<Store> {
    await mkdir(directory, { recursive: true })
    const { log, pins, blocks } = await PinLog.open(join(directory, 'pins'))
    const disk = await Disk.open(directory)
    // Of small blocks it is their pin that is synced.
    for (const block of blocks) await mend(disk, block)
    const store = new Store(disk, log)
    const found: Found[] = []
    for await (const one of disk.found()) found.push(one)
    found.sort((a, b) => a.writtenMs - b.writtenMs)
    for (const { cid, bytes } of found) {
      store.#shelf.reserve(bytes)
      store.#shelf.add(cid, bytes, false)
    }
    for (const pin of pins) await store.#hold(pin)
    await store.bound(bytesMax)
    return store
  }

  /** The bytes of all blocks that are here or on their way to the disk. */
  get bytes(): number {
    return this.#shelf.bytes
  }

  get bytesMax(): number {
    return this.#shelf.bytesMax
  }

  get blocks(): number {
    return this.#shelf.blocks
  }

  /** Keeps no more than this from now on: what nothing holds goes, the longest unused first. */
  async bound(bytesMax: number): Promise<void> {
    await this.#removeAll(this.#shelf.bound(bytesMax))
  }

  has(cid: Cid): boolean {
    return this.#shelf.get(cid) !== undefined
  }

  /** How long a block is; undefined if it is not here. */
  bytesOf(cid: Cid): number | undefined {
    return this.#shelf.get(cid)?.bytes
  }

  /** Whether a block is not to be seen from outside, if not below this root that was made here. */
  hides(cid: Cid, root?: Cid): boolean {
    return this.#shelf.hides(cid, root)
  }

  /** Whether a root waits for its verdict. */
  isSealed(root: Cid): boolean {
    const holds = [...(this.#shelf.get(root)?.holds ?? [])]
    return holds.some(({ state, roots }) => state === 'sealed' && roots.has(root))
  }

  /** A block, its bytes checked; of one that is damaged nothing is left. */
  async get(cid: Cid): Promise<Block | undefined> {
    const bytes = await this.#read(cid)
    if (bytes === undefined) return undefined
    const block = blockIf(cid, bytes)
    const kept = this.#shelf.get(cid)
    if (block === undefined) await this.#damaged(cid)
    else if (kept !== undefined) kept.sound = true
    return block
  }

  /**
   * The bytes of a block for somebody who will check them: they are checked here once after a
   * start, and not each time that somebody asks. With buffers, they are in one of those.
   */
  async lend(cid: Cid, buffers?: Buffers): Promise<Uint8Array | undefined> {
    const kept = this.#shelf.get(cid)
    if (kept === undefined || !kept.sound) return (await this.get(cid))?.bytes
    const bytes = await this.#read(cid, buffers)
    if (bytes !== undefined && bytes.length === kept.bytes) return bytes
    await this.#damaged(cid)
    return undefined
  }

  /** Keeps a block. It may go again as soon as there is need, if nothing holds it. */
  async put(block: Block): Promise<Answer<void>> {
    return await this.#put(block, undefined)
  }

  /**
   * Opens a stage. What is made on it nobody outside sees, and if no pin covers it in the end it is
   * gone; what is fetched is no secret, and stays as long as there is room.
   */
  stage(state: 'sealed' | 'fetched'): Stage {
    const hold = holdOf({ name: '', roots: [], state })
    return {
      put: async (block) => {
        if (state === 'sealed') this.#smalls.made(block)
        return await this.#put(block, hold)
      },
      take: (cid) => this.has(cid) && this.#shelf.cover(hold, cid),
      [Symbol.asyncDispose]: async () => {
        // What was refused for want of room is wanted still.
        this.#smalls.over([...hold.covers, ...hold.wants])
        const loose = this.#shelf.release(hold)
        if (state === 'sealed') await this.#discard(loose)
      },
    }
  }

  /**
   * Pins roots with all that is below them, here already or to come, under a name; a pin of that
   * name is replaced. It is on the disk for good when this is done, and what is sealed too; one
   * that need not last may be gone after a loss of power.
   */
  async pin(pin: Pin, { lasting } = { lasting: true }): Promise<void> {
    const before = this.#holds.get(pin.name)
    const hold = await this.#hold(pin)
    const covers = pin.state === 'sealed' ? [...hold.covers] : []
    const small = await this.#smalls.of(covers, (cid) => this.get(cid))
    if (small === undefined) await this.#disk.sync(covers)
    if (lasting) await this.#log.keep(pin, small ?? [])
    else await this.#log.change(pin)
    if (before !== undefined) this.#shelf.release(before)
  }

  /** The verdict is there: what was sealed under this name is not any more. */
  async unseal(name: string): Promise<void> {
    const hold = this.#holds.get(name)
    if (hold === undefined || hold.state !== 'sealed') return
    hold.state = 'open'
    await this.#log.change({ name, roots: [...hold.roots], state: 'open' })
  }

  /**
   * Takes a pin away; blocks that nothing else holds may go then. Those of a sealed one are dropped
   * at once: there was no verdict, and without the pin everybody would see them.
   */
  async unpin(name: string): Promise<void> {
    const hold = this.#holds.get(name)
    if (hold === undefined) return
    this.#holds.delete(name)
    const loose = this.#shelf.release(hold)
    if (hold.state === 'sealed') await this.#discard(loose)
    if (!this.#holds.has(name)) await this.#log.forget(name)
  }

  /** Whether there is a pin of this name. */
  isPinned(name: string): boolean {
    return this.#holds.has(name)
  }

  /** Drops all that nothing holds: after a crash nobody knows what of it was sealed. */
  async dropLoose(): Promise<void> {
    await this.#discard(this.#shelf.loose())
  }

  /** All pins. */
  pins(): Pin[] {
    return Array.from(this.#holds, ([name, { roots, state }]) => ({
      name,
      roots: [...roots],
      state,
    }))
  }

  async #put(block: Block, hold: Hold | undefined): Promise<Answer<void>> {
    const { cid, bytes } = block
    if (bytes.length > limits.blockBytesMax) return refuse('data.too-large', { at: cid })
    for (;;) {
      if (hold !== undefined) this.#shelf.cover(hold, cid)
      if (this.has(cid)) {
        this.#shelf.touch(cid)
        return accept(undefined)
      }
      const busy = this.#busy.get(cid)
      if (busy === undefined) break
      await busy
    }
    const gone = this.#shelf.reserve(bytes.length)
    if (gone === undefined) return refuse('data.full', { detail: `${this.bytesMax} bytes` })
    const written = await this.#alone(cid, async () => await this.#write(block, gone))
    if (!written) return refuse('data.full', { detail: 'the disk itself is full' })
    const links = below(block)
    for (const one of this.#shelf.get(cid)?.holds ?? []) {
      for (const link of links) await this.#cover(one, link)
    }
    return accept(undefined)
  }

  /** Writes a block for which room was made; false if the disk has less than was lent. */
  async #write({ cid, bytes }: Block, gone: readonly Cid[]): Promise<boolean> {
    let written = false
    try {
      await this.#removeAll(gone)
      written = await this.#disk.write(cid, bytes)
    } finally {
      if (!written) this.#shelf.cancel(bytes.length)
    }
    if (written) this.#shelf.add(cid, bytes.length, true)
    return written
  }

  async #read(cid: Cid, buffers?: Buffers): Promise<Uint8Array | undefined> {
    const kept = this.#shelf.get(cid)
    if (kept === undefined) return undefined
    this.#shelf.touch(cid)
    const into = buffers?.take(kept.bytes) ?? Buffer.allocUnsafeSlow(kept.bytes)
    const bytes = await this.#disk.read(cid, into)
    // It went while it was read; or somebody else took its file away.
    if (bytes === undefined && this.#shelf.get(cid) === kept) this.#shelf.drop(cid)
    return bytes
  }

  async #damaged(cid: Cid): Promise<void> {
    this.#shelf.drop(cid)
    await this.#removeAll([cid])
  }

  async #discard(cids: readonly Cid[]): Promise<void> {
    for (const cid of cids) this.#shelf.drop(cid)
    await this.#removeAll(cids)
  }

  /** Removes files of blocks that are on the shelf no more. */
  async #removeAll(cids: readonly Cid[]): Promise<void> {
    await Promise.all(
      cids.map(async (cid) => {
        await this.#alone(cid, async () => {
          if (!this.has(cid)) await this.#disk.remove(cid)
        })
      }),
    )
  }

  /** Does something to a file when what was being done to it is done. */
  async #alone<T>(cid: Cid, act: () => Promise<T>): Promise<T> {
    for (let busy = this.#busy.get(cid); busy; busy = this.#busy.get(cid)) await busy
    const doing = act()
    const done = doing.then(
      () => this.#idle(cid),
      () => this.#idle(cid),
    )
    this.#busy.set(cid, done)
    return await doing
  }

  #idle(cid: Cid): void {
    this.#busy.delete(cid)
  }

  async #hold(pin: Pin): Promise<Hold> {
    const hold = holdOf(pin)
    this.#holds.set(pin.name, hold)
    for (const root of hold.roots) await this.#cover(hold, root)
    return hold
  }

  /** Covers what is here of a block and all below it, and wants the rest. */
  async #cover(hold: Hold, root: Cid): Promise<void> {
    const open = [root]
    for (let cid = open.pop(); cid !== undefined; cid = open.pop()) {
      if (hold.covers.has(cid) || !this.#shelf.cover(hold, cid)) continue
      if (codecOf(cid) !== 'dag-pb') continue
      const block = await this.get(cid)
      if (block !== undefined) open.push(...below(block))
    }
  }
}

/** What a block links to, each once; what is no part of data links to nothing. */
function below(block: Block): ReadonlySet<Cid> {
  const node = nodeOf(block)
  return new Set(node.ok ? node.value.links.map(({ cid }) => cid) : [])
}
