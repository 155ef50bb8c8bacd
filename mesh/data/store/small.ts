import { type Cid, limits } from '@nexapod/specs'
import type { Block } from '../block.ts'
import type { Disk } from './disk.ts'
import type { Small } from './pins.ts'

/** Blocks so small that their pin carries them: then it alone is synced. */
export class Smalls {
  /** Those of what is being made, so that they need not be read again. */
  readonly #fresh = new Map<Cid, Block>()

  /** A block is being made. */
  made(block: Block): void {
    if (block.bytes.length <= limits.pinnedBytesMax) this.#fresh.set(block.cid, block)
  }

  /** Nothing of these is being made any more. */
  over(cids: Iterable<Cid>): void {
    for (const cid of cids) this.#fresh.delete(cid)
  }

  /** The blocks that a pin over these carries; none if they are too many, or too large. */
  async of(
    cids: readonly Cid[],
    read: (cid: Cid) => Promise<Block | undefined>,
  ): Promise<readonly Small[] | undefined> {
    if (cids.length > limits.pinnedBlocksMax) return undefined
    const small: Block[] = []
    let bytes = 0
    for (const cid of cids) {
      const block = this.#fresh.get(cid) ?? (await read(cid))
      bytes += block?.bytes.length ?? limits.blockBytesMax
      if (block === undefined || bytes > limits.pinnedBytesMax) return undefined
      small.push(block)
    }
    return small
  }
}

/** Writes a block anew that is not as it was, or not there: its file was never synced. */
export async function mend(disk: Disk, { cid, bytes }: Small): Promise<void> {
  const found = await disk.read(cid, new Uint8Array(bytes.length))
  if (found !== undefined && Buffer.from(bytes).equals(found)) return
  await disk.write(cid, bytes)
}
