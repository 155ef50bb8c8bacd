import { type Answer, accept, type Cid, limits, refuse } from '@nexapod/specs'
import type { CID } from 'multiformats/cid'
import { theirCid } from '../block.ts'
import type { Giving, Provider, TakeBytes, Want } from './provider.ts'

/** What of Helia's blockstore is used: it asks bitswap for what is not here. */
export interface AsksBitswap {
  get(cid: CID, options: { signal: AbortSignal }): Iterable<Uint8Array> | AsyncIterable<Uint8Array>
}

/** Whoever in the mesh speaks bitswap: the common language, and slower than the others. */
export class Bitswap implements Provider {
  readonly name = 'bitswap'
  readonly #bitswap: AsksBitswap
  readonly #idleMs: number

  constructor(bitswap: AsksBitswap, idleMs: number = limits.idleMs) {
    this.#bitswap = bitswap
    this.#idleMs = idleMs
  }

  async give({ blocks }: Want, take: TakeBytes, giving: Giving): Promise<Answer<void>> {
    const signal = AbortSignal.any([
      giving.signal,
      AbortSignal.timeout(this.#idleMs * blocks.length),
    ])
    const wants = blocks.map(async ({ cid }) => {
      // It throws where nobody has the block, or nobody is there: to a fetch that is the same.
      return await this.#get(cid, signal).catch(() => undefined)
    })
    for (const [at, want] of wants.entries()) {
      const bytes = await want
      if (bytes !== undefined && bytes.length > (blocks[at]?.bytesMax ?? 0)) {
        return refuse('data.false', { at: this.name })
      }
      if (!(await take(at, bytes))) return refuse('data.false', { at: this.name })
    }
    return accept(undefined)
  }

  async #get(cid: Cid, signal: AbortSignal): Promise<Uint8Array> {
    const pieces: Uint8Array[] = []
    for await (const piece of this.#bitswap.get(theirCid(cid), { signal })) pieces.push(piece)
    return pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces)
  }
}
