import { limits } from '../limits.ts'
import { list } from '../schema/list.ts'
import type { Schema } from '../schema/schema.ts'
import { sized } from '../schema/sized.ts'

/**
 * A frame: the messages of one tick, so that a busy stream pays for one write and an idle one
 * waits for nothing. Each message alone fits; a sender closes a frame before it grows too large.
 */
export function framed<T>(message: Schema<T>): Schema<readonly T[]> {
  return sized(list(message, { min: 1, max: limits.perFrameMax }), limits.frameBytesMax)
}
