import { inclusionPlan, joined, Ledger, type Taken } from '../../../ledger/index.ts'
import { type Answer, type Opening, open } from '../../../specs/index.ts'
import { endow } from './cast.ts'

/** A chain as somebody holds it: its entries, what they come to, and the proof of each. */
export class Scroll {
  readonly ledger: Ledger
  readonly entries: Uint8Array[] = []
  readonly #subtrees = new Map<string, Uint8Array>()

  constructor(opening: Opening = open) {
    this.ledger = new Ledger(opening)
    endow(this.ledger)
  }

  get size(): number {
    return this.entries.length
  }

  /** Learns an entry that somebody else wrote, or refuses it. */
  take(bytes: Uint8Array): Answer<Taken> {
    const taken = this.ledger.take(bytes)
    if (taken.ok) this.put(taken.value)
    return taken
  }

  /** Keeps an entry that the ledger has learnt. */
  put({ bytes, completed }: Taken): void {
    this.entries.push(bytes)
    for (const { level, index, hash } of completed) this.#subtrees.set(`${level}/${index}`, hash)
  }

  /** The path from an entry to the root of the first so many. */
  path(seq: number, size: number): Uint8Array[] {
    return inclusionPlan(seq, size).map((part) => {
      const hashes = part.map(({ level, index }) => this.#subtrees.get(`${level}/${index}`))
      return joined(hashes as Uint8Array[])
    })
  }
}

/** The same chain, read anew as far as a size. */
export function readAgain(
  entries: readonly Uint8Array[],
  size: number,
  opening: Opening = open,
): Scroll {
  const scroll = new Scroll(opening)
  for (const bytes of entries.slice(0, size)) {
    const taken = scroll.take(bytes)
    if (!taken.ok) throw new Error(`what was read is refused: ${taken.refusal.detail}`)
  }
  return scroll
}
