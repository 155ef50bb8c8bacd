import type { Coordinator } from '../coordinator.ts'
import type { Log } from '../log.ts'
import type { Time } from '../time.ts'
import type { Turnstile } from './address.ts'
import type { Metrics } from './metrics.ts'
import type { Reels } from './reel.ts'
import type { Register } from './register/register.ts'
import type { Uploads } from './uploads.ts'

/** What the API needs of a coordinator. */
export type Judge = Pick<
  Coordinator,
  | 'view'
  | 'chains'
  | 'forked'
  | 'ask'
  | 'data'
  | 'chain'
  | 'id'
  | 'mesh'
  | 'addresses'
  | 'invitation'
>

/** What all routes stand on. */
export interface Ground {
  readonly judge: Judge
  readonly register: Register
  readonly uploads: Uploads
  readonly metrics: Metrics
  /** Streams of entries that are open. */
  readonly streams: Turnstile
  /** What they are told. */
  readonly reels: Reels
  /** Files and CARs that are on their way. */
  readonly downloads: Turnstile
  readonly time: Time
  readonly log: Log
  /** The API is being closed. */
  readonly gone: AbortSignal
}
