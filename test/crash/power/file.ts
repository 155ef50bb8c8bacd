import type { Chance } from '../../fuzz/chance.ts'

/** One change of a file that no sync has made safe yet. */
type Write = { readonly line: number; readonly at: number; readonly bytes: Buffer }
type Cut = { readonly line: number; readonly size: number }

/** What a disk writes whole or not at all. */
const sectorBytes = 512
/** What the kernel writes back in whatever order it likes. */
const pageBytes = 4096

/** A file as a loss of power sees it: what was synced is safe, what came after may be. */
export class File {
  #safe: Buffer
  #pending: (Write | Cut)[] = []
  #size: number

  constructor(safe: Buffer = Buffer.alloc(0)) {
    this.#safe = safe
    this.#size = safe.length
  }

  /** How long it is for whoever reads it before the power goes. */
  get size(): number {
    return this.#size
  }

  /** What whoever reads it sees before the power goes. */
  get bytes(): Buffer {
    return changed(this.#safe, this.#pending)
  }

  write(at: number, bytes: Buffer, line: number): void {
    this.#pending.push({ line, at, bytes })
    this.#size = Math.max(this.#size, at + bytes.length)
  }

  cut(size: number, line: number): void {
    if (size === this.#size) return
    this.#pending.push({ line, size })
    this.#size = size
  }

  /** Makes safe what was there at a line; tells whether its size was of it. */
  sync(before: number): boolean {
    const from = this.#safe.length
    this.#safe = changed(
      this.#safe,
      this.#pending.filter(({ line }) => line < before),
    )
    this.#pending = this.#pending.filter(({ line }) => line >= before)
    return this.#safe.length !== from
  }

  /** Bytes that may be found after the power went, and what is missing of them. */
  possible(chance: Chance): { readonly bytes: Buffer; readonly lost: string } {
    const { length } = this.#pending
    if (length === 0) return { bytes: this.#safe, lost: '' }
    const count = chance.one([0, length, length, chance.below(length + 1)])
    const view = changed(this.#safe, this.#pending.slice(0, count))
    const inPlace = Math.min(this.#safe.length, view.length)
    const torn = this.#torn(view.subarray(0, inPlace), chance)
    const tail = view.length < this.#safe.length ? this.#safe.subarray(inPlace) : undefined
    // Whether a file that was cut is shorter already.
    if (tail && chance.once(2)) torn.push(tail)
    const lost = `${count} of ${length} writes after ${this.#safe.length} bytes`
    if (tail || view.length === inPlace) return { bytes: Buffer.concat(torn), lost }
    const ends = this.#pending.map((change) =>
      'at' in change ? change.at + change.bytes.length : 0,
    )
    const grown = grownOf(view, inPlace, ends, chance)
    return { bytes: Buffer.concat([...torn, grown.bytes]), lost: `${lost}, ${grown.lost}` }
  }

  /** Overwritten sectors: all of the new ones, those up to one, or any. */
  #torn(view: Buffer, chance: Chance): Buffer[] {
    const how = chance.below(3)
    const until = chance.below(view.length / sectorBytes + 1) * sectorBytes
    const sectors: Buffer[] = []
    for (let at = 0; at < view.length; at += sectorBytes) {
      const next = view.subarray(at, at + sectorBytes)
      const before = this.#safe.subarray(at, at + next.length)
      if (next.equals(before)) sectors.push(next)
      else if (how === 0) sectors.push(next)
      else if (how === 1) sectors.push(at < until ? next : before)
      else sectors.push(chance.once(2) ? next : before)
    }
    return sectors
  }
}

/**
 * Appended bytes: whole, cut anywhere, zeros from the end of a write or a sector on, or zeros in
 * any of their pages. Zeros are found where the length was on the disk before the bytes were.
 */
function grownOf(view: Buffer, from: number, ends: readonly number[], chance: Chance) {
  const grown = view.length - from
  const drawn = from + chance.below(grown)
  const sector = Math.max(from, drawn - (drawn % sectorBytes))
  const end = chance.one(ends)
  const zeros = chance.one([from, sector, end > from && end < view.length ? end : sector])
  const bytes = Buffer.from(view.subarray(from))
  switch (chance.below(4)) {
    case 0:
      return { bytes, lost: `all of ${grown} more` }
    case 1: {
      const at = chance.one([from, drawn])
      return { bytes: bytes.subarray(0, at - from), lost: `${at - from} of ${grown} more` }
    }
    case 2:
      bytes.fill(0, zeros - from)
      return { bytes, lost: `${zeros - from} of ${grown} more, then zeros` }
  }
  let gone = 0
  for (let page = from - (from % pageBytes); page < view.length; page += pageBytes) {
    if (chance.once(2)) continue
    bytes.subarray(Math.max(0, page - from), page + pageBytes - from).fill(0)
    gone++
  }
  return { bytes, lost: `${grown} more with ${gone} pages of zeros` }
}

function changed(bytes: Buffer, changes: readonly (Write | Cut)[]): Buffer {
  let size = bytes.length
  let most = size
  for (const change of changes) {
    size = 'bytes' in change ? Math.max(size, change.at + change.bytes.length) : change.size
    most = Math.max(most, size)
  }
  if (changes.length === 0) return bytes
  const all = Buffer.alloc(most)
  bytes.copy(all)
  let end = bytes.length
  for (const change of changes) {
    if ('bytes' in change) {
      change.bytes.copy(all, change.at)
      end = Math.max(end, change.at + change.bytes.length)
    } else {
      all.fill(0, change.size, end)
      end = change.size
    }
  }
  return all.subarray(0, end)
}
