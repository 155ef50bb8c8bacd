import { type Cid, limits } from '@nexapod/specs'
import { blockIf, codecOf } from '../block.ts'
import { Buffers } from '../buffers.ts'
import type { Store } from '../store/store.ts'
import type { Bulk } from './bulk.ts'
import type { WantedBlock } from './provider.ts'

/**
 * Has roots here that are a block each, as small files are, some of them in one question. Gives
 * those that a peer had and that are whole: what is larger, or not there, is fetched one by one.
 */
export async function fetchRoots(
  store: Store,
  wanted: readonly WantedBlock[],
  peer: Bulk,
  signal: AbortSignal,
): Promise<ReadonlySet<Cid>> {
  const whole = new Set<Cid>()
  const missing: WantedBlock[] = []
  for (const one of wanted) {
    if (codecOf(one.cid) !== 'raw') continue
    // What is sealed here is not here for the mesh.
    if (store.has(one.cid) && !store.hides(one.cid)) whole.add(one.cid)
    else missing.push(one)
  }
  await using stage = store.stage('fetched')
  const buffers = new Buffers()
  for (let i = 0; i < missing.length; i += limits.wantRootsMax) {
    const some = missing.slice(i, i + limits.wantRootsMax).map(({ cid, bytesMax }) => {
      return { cid, bytesMax: Math.min(bytesMax, limits.blockBytesMax) }
    })
    const take = async (at: number, bytes: Uint8Array | undefined) => {
      const cid = some[at]?.cid
      if (bytes === undefined || cid === undefined) return true
      const block = blockIf(cid, bytes)
      if (block === undefined) return false
      const put = await stage.put(block)
      if (put.ok) whole.add(cid)
      return true
    }
    const given = await peer.giveRoots(some, take, { buffers, signal })
    if (!given.ok) break
  }
  return whole
}
