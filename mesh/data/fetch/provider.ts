import type { Answer, Cid } from '@nexapod/specs'
import type { Buffers } from '../buffers.ts'

/** Blocks that links of one node lead to, and how to get to that node from the root. */
export interface Want {
  readonly root: Cid
  readonly way: readonly number[]
  readonly from: number
  readonly blocks: readonly WantedBlock[]
}

/** A block that is wanted, and how long it can be at most. */
export interface WantedBlock {
  readonly cid: Cid
  readonly bytesMax: number
}

/** Where blocks may be put, and what ends all giving. */
export interface Giving {
  readonly buffers: Buffers
  readonly signal: AbortSignal
}

/** Takes the bytes of a block of a want, unchecked, for good; false ends the want. */
export type TakeBytes = (at: number, bytes: Uint8Array | undefined) => Promise<boolean>

/** Somebody who may have blocks. Nothing that comes from one is believed. */
export interface Provider {
  readonly name: string
  /**
   * Hands over each block of a want in its order, undefined for one that is not there. It reads no
   * more of a block than may come.
   */
  give(want: Want, take: TakeBytes, giving: Giving): Promise<Answer<void>>
}
