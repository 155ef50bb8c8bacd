import { type Answer, refuse } from '../refusal/refusal.ts'
import type { HostFunction } from './face.ts'

/** A module that was checked and rewritten: it counts fuel, and ends alike on every machine. */
export interface Prepared {
  /** The module to compile: a function of the original and of the memory that it may use. */
  readonly bytes: Uint8Array
  /** The host functions that it imports. */
  readonly imports: readonly HostFunction[]
  /** What its memory has at the start, in bytes. */
  readonly memoryBytesMin: number
  /** What its memory grows to at most: the less of what it declares and of what it may use. */
  readonly memoryBytesMax: number
}

/**
 * Checks a module against the profile and rewrites it. `memoryBytesMax` is what the unit may use,
 * from its job and never from the machine. A refusal names the byte of the original.
 */
export function prepare(_module: Uint8Array, _memoryBytesMax: number): Answer<Prepared> {
  return refuse('document.form')
}
