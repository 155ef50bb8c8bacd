import type { Cid } from '@nexapod/specs'
import type { Pin } from './pins.ts'

/**
 * Why blocks stay: a unit runs on them, or a receipt stands for them. What was made here is sealed
 * until the verdict, then open; what was fetched is open, and no more than that.
 */
export interface Hold {
  readonly name: string
  readonly roots: ReadonlySet<Cid>
  state: 'fetched' | 'sealed' | 'open'
  /** The blocks that are here because of it. */
  readonly covers: Set<Cid>
  /** Blocks that it would cover, and that are not here. */
  readonly wants: Set<Cid>
  released: boolean
}

/** A hold that covers nothing yet. */
export function holdOf({ name, roots, state }: Pin): Hold {
  return {
    ...{ name, state, roots: new Set(roots) },
    covers: new Set(),
    wants: new Set(),
    released: false,
  }
}

/** A block that is here. */
export interface Kept {
  readonly bytes: number
  /** Whether its bytes were seen to be its own since the start. */
  sound: boolean
  readonly holds: Set<Hold>
}

/**
 * Which blocks there are, which of them must stay, and which goes first. It knows no disk: whoever
 * calls it does to the disk what it says.
 */
export class Shelf {
  #bytesMax = Number.MAX_SAFE_INTEGER
  readonly #all = new Map<Cid, Kept>()
  /** Those that nothing holds, the one that was used longest ago first. */
  readonly #loose = new Map<Cid, Kept>()
  readonly #wanted = new Map<Cid, Set<Hold>>()
  #bytes = 0
  #heldBytes = 0
  #reservedBytes = 0

  get bytesMax(): number {
    return this.#bytesMax
  }

  /** The bytes of all blocks that are here or have been given their room. */
  get bytes(): number {
    return this.#bytes
  }

  get blocks(): number {
    return this.#all.size
  }

  get(cid: Cid): Kept | undefined {
    return this.#all.get(cid)
  }

  /** A block was used: of those that nothing holds it goes last now. */
  touch(cid: Cid): void {
    const kept = this.#loose.get(cid)
    if (kept === undefined) return
    this.#loose.delete(cid)
    this.#loose.set(cid, kept)
  }

  /** Makes room: the blocks that have to go for it, or undefined if that cannot be had. */
  reserve(bytes: number): Cid[] | undefined {
    if (this.#heldBytes + this.#reservedBytes + bytes > this.#bytesMax) return undefined
    const gone = this.#shrink(this.#bytesMax - bytes)
    this.#reservedBytes += bytes
    this.#bytes += bytes
    return gone
  }

  /** Gives room back that was made for a block that did not come. */
  cancel(bytes: number): void {
    this.#reservedBytes -= bytes
    this.#bytes -= bytes
  }

  /** A block for which there is room is here now; holds that wanted it cover it. */
  add(cid: Cid, bytes: number, sound: boolean): void {
    this.#reservedBytes -= bytes
    const kept: Kept = { bytes, sound, holds: new Set() }
    this.#all.set(cid, kept)
    this.#loose.set(cid, kept)
    for (const hold of [...(this.#wanted.get(cid) ?? [])]) this.cover(hold, cid)
  }

  /** Holds no more than this from now on: the blocks that have to go. */
  bound(bytesMax: number): Cid[] {
    this.#bytesMax = bytesMax
    return this.#shrink(bytesMax)
  }

  /** A block is not here any more, or never was what its name says: who holds it wants it again. */
  drop(cid: Cid): void {
    const kept = this.#all.get(cid)
    if (kept === undefined) return
    for (const hold of [...kept.holds]) {
      this.#uncover(hold, cid, kept)
      this.#want(hold, cid)
    }
    this.#all.delete(cid)
    this.#loose.delete(cid)
    this.#bytes -= kept.bytes
  }

  /** A hold covers a block if it is here, and wants it if not; tells which. */
  cover(hold: Hold, cid: Cid): boolean {
    if (hold.released) return false
    const kept = this.#all.get(cid)
    if (kept === undefined) {
      this.#want(hold, cid)
      return false
    }
    this.#unwant(hold, cid)
    hold.covers.add(cid)
    if (kept.holds.size === 0) this.#heldBytes += kept.bytes
    kept.holds.add(hold)
    this.#loose.delete(cid)
    return true
  }

  /** Lets everything go that a hold covers: what of it nothing else holds. */
  release(hold: Hold): Cid[] {
    hold.released = true
    const covered = [...hold.covers]
    for (const cid of covered) this.#uncover(hold, cid, this.#all.get(cid) as Kept)
    for (const cid of hold.wants) this.#unwant(hold, cid)
    return covered.filter((cid) => this.#loose.has(cid))
  }

  /** The blocks that nothing holds. */
  loose(): Cid[] {
    return [...this.#loose.keys()]
  }

  /**
   * Whether a block is not to be seen from outside: something sealed covers it, and it is not asked
   * for below a root that was made here.
   */
  hides(cid: Cid, root?: Cid): boolean {
    const holds = [...(this.#all.get(cid)?.holds ?? [])]
    if (!holds.some(({ state }) => state === 'sealed')) return false
    const own = ({ state, roots }: Hold) => state !== 'fetched' && root && roots.has(root)
    return !holds.some(own)
  }

  #shrink(bytesMax: number): Cid[] {
    const gone: Cid[] = []
    for (const [cid, { bytes }] of this.#loose) {
      if (this.#bytes <= bytesMax) break
      this.#loose.delete(cid)
      this.#all.delete(cid)
      this.#bytes -= bytes
      gone.push(cid)
    }
    return gone
  }

  #uncover(hold: Hold, cid: Cid, kept: Kept): void {
    hold.covers.delete(cid)
    kept.holds.delete(hold)
    if (kept.holds.size > 0) return
    this.#heldBytes -= kept.bytes
    this.#loose.set(cid, kept)
  }

  #want(hold: Hold, cid: Cid): void {
    hold.wants.add(cid)
    const holds = this.#wanted.get(cid) ?? new Set()
    this.#wanted.set(cid, holds.add(hold))
  }

  #unwant(hold: Hold, cid: Cid): void {
    hold.wants.delete(cid)
    const holds = this.#wanted.get(cid)
    holds?.delete(hold)
    if (holds?.size === 0) this.#wanted.delete(cid)
  }
}
