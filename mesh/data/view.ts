import { type AbortOptions, NotFoundError } from '@libp2p/interface'
import { BaseBlockstore } from 'blockstore-core'
import type { CID } from 'multiformats/cid'
import { blockIf, ourCid } from './block.ts'
import type { Store } from './store/store.ts'

type Bytes = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/**
 * The store as Helia and bitswap see it: what is sealed is not there. Bitswap asks for blocks and
 * names no root, so there is nobody here for whom an exception could be made.
 */
export class OutsideView extends BaseBlockstore {
  readonly #store: Store

  constructor(store: Store) {
    super()
    this.#store = store
  }

  override has(cid: CID): boolean {
    const ours = ourCid(cid)
    return ours !== undefined && this.#store.has(ours) && !this.#store.hides(ours)
  }

  override async *get(cid: CID, options?: AbortOptions): AsyncGenerator<Uint8Array> {
    options?.signal?.throwIfAborted()
    const ours = ourCid(cid)
    const seen = ours !== undefined && !this.#store.hides(ours)
    const block = seen ? await this.#store.get(ours) : undefined
    if (block === undefined) throw new NotFoundError(`not here: ${cid}`)
    yield block.bytes
  }

  override async put(cid: CID, bytes: Bytes, options?: AbortOptions): Promise<CID> {
    const ours = ourCid(cid)
    const block = ours && blockIf(ours, await gathered(bytes))
    options?.signal?.throwIfAborted()
    if (block === undefined) throw new RangeError(`not the block of ${cid}`)
    const put = await this.#store.put(block)
    if (!put.ok) throw new RangeError(`no room for ${cid}: ${put.refusal.code}`)
    return cid
  }
}

async function gathered(bytes: Bytes): Promise<Uint8Array> {
  if (bytes instanceof Uint8Array) return bytes
  const pieces: Uint8Array[] = []
  for await (const piece of bytes) pieces.push(piece)
  return Buffer.concat(pieces)
}
