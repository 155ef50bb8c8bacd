import type { State } from '../../ledger/index.ts'
import { type ChainId, decode, entrySchema, transferId } from '../../specs/index.ts'

/** What somebody was told is done: this crossing stands in that entry of a chain. */
interface Promised {
  readonly chain: ChainId
  readonly crossing: string
  readonly seq: number
}

/** What owners were told is done. All of it has to be there at the end, whatever failed. */
export class Promises {
  readonly #all = new Map<string, Promised>()

  /** How many there are. */
  get size(): number {
    return this.#all.size
  }

  /** A departure was acknowledged. */
  departed(chain: ChainId, departure: string, seq: number): void {
    this.#add({ chain, crossing: `${chain}/${departure}`, seq })
  }

  /** So was a claim of what departs in an entry of another chain. */
  arrived(chain: ChainId, bytes: Uint8Array, seq: number): void {
    const entry = decode(entrySchema, bytes)
    if (!entry.ok) throw new Error('what was claimed is no entry')
    for (const fact of entry.value.facts) {
      if (fact.type !== 'transfer' || fact.purpose.type !== 'depart') continue
      if (fact.purpose.to !== chain) continue
      this.#add({ chain, crossing: `${entry.value.chain}/${transferId(fact.purpose)}`, seq })
    }
  }

  /** Holds that each stands where it was said to. */
  kept(chains: ReadonlyMap<ChainId, State>): void {
    for (const { chain, crossing, seq } of this.#all.values()) {
      const row = chains.get(chain)?.crossings.get(crossing)
      if (row?.seq === seq) continue
      const where = row === undefined ? 'nowhere' : `in entry ${row.seq}`
      throw new Error(`${crossing} was promised in entry ${seq} of ${chain}, and is ${where}`)
    }
  }

  #add(promised: Promised): void {
    const key = `${promised.chain} ${promised.crossing}`
    const before = this.#all.get(key)
    if (before !== undefined && before.seq !== promised.seq) {
      throw new Error(`${key} was done in entry ${before.seq}, and again in ${promised.seq}`)
    }
    this.#all.set(key, promised)
  }
}
