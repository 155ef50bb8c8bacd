import { limits } from './limits.ts'
import { int } from './schema/scalar.ts'
import type { Notes, Schema } from './schema/schema.ts'

/** An instant, in milliseconds since 1970 UTC. */
export function time(notes: Notes = {}): Schema<number> {
  return int({ min: 0, max: limits.timeMsMax, ...notes })
}
