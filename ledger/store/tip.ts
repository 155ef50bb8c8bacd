import { type ChainId, type Digest, digestBytes, digestText, noEntry } from '@nexapod/specs'
import { checkOf, equal, getUint, joined, putUint, tipKey } from './row.ts'

/** Where the store stands: what the last acknowledged write made of it. */
export interface Tip {
  /** How many writes were acknowledged: it grows with each, also with one without entries. */
  readonly turn: number
  readonly size: number
  readonly epoch: number
  /** The time of the last entry. */
  readonly time: number
  readonly chain: ChainId
  /** The hash of the last entry, and the root of the tree over all. */
  readonly head: Digest
  readonly root: Digest
  /** The sum over the checks of all kept rows: none can vanish or come back unseen. */
  readonly kept: Uint8Array
}

const numbers = 4 * 8
const checkAt = numbers + 4 * 32

/** How long a tip is as it is written. */
export const tipBytes = checkAt + 32

/** The tip of a store in which nothing was written. */
export const noTip: Tip = {
  turn: 0,
  size: 0,
  epoch: 0,
  time: 0,
  chain: noEntry as Digest as ChainId,
  head: noEntry,
  root: noEntry,
  kept: new Uint8Array(32),
}

/** The bytes of a tip, with a check at their end. */
export function writtenTip(tip: Tip): Uint8Array {
  const body = new Uint8Array(checkAt)
  for (const [i, value] of [tip.turn, tip.size, tip.epoch, tip.time].entries()) {
    putUint(body, i * 8, value)
  }
  const digests = [tip.chain, tip.head, tip.root].map(digestBytes)
  for (const [i, bytes] of [...digests, tip.kept].entries()) body.set(bytes, numbers + i * 32)
  return joined(body, checkOf(tipKey, body))
}

/** The tip that these bytes are, or undefined if they were not written as one. */
export function readTip(bytes: Uint8Array): Tip | undefined {
  if (bytes.length !== tipBytes) return undefined
  const body = bytes.subarray(0, checkAt)
  if (!equal(bytes.subarray(checkAt), checkOf(tipKey, body))) return undefined
  const digestAt = <Id extends Digest>(i: number) =>
    digestText<Id>(body.subarray(numbers + i * 32, numbers + (i + 1) * 32))
  return {
    turn: getUint(body, 0),
    size: getUint(body, 8),
    epoch: getUint(body, 16),
    time: getUint(body, 24),
    chain: digestAt<ChainId>(0),
    head: digestAt(1),
    root: digestAt(2),
    kept: body.slice(numbers + 3 * 32),
  }
}

/** The sum after a row was put or taken away: adding twice is taking away. */
export function summed(sum: Uint8Array, check: Uint8Array): Uint8Array {
  return sum.map((byte, i) => byte ^ (check[i] as number))
}
