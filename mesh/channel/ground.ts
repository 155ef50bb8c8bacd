import type { Refusal } from '@nexapod/specs'
import type { Clock } from './clock.ts'
import type { Pool } from './pool.ts'

/** What is kept of a peer, to hold it to its measure. */
export interface Meter {
  /** A frame of so many bytes and messages came: how long until the next may be read. */
  spend(bytes: number, messages: number): number
  /** It broke a rule of the wire. */
  violated(refusal: Refusal): void
  /** The channel is over. */
  left(): void
}

/** What a channel stands on. */
export interface Ground {
  readonly clock: Clock
  /** The memory that all channels share. */
  readonly pool: Pool
  readonly meter?: Meter
}
