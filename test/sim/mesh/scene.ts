import type { ChainId, Opening } from '../../../specs/index.ts'
import type { Founded } from './cast.ts'
import type { Clock } from './clock.ts'
import type { Network } from './network.ts'
import type { Results } from './results.ts'
import type { Trace } from './trace.ts'
import type { Trial } from './trials.ts'
import type { Watch } from './watch.ts'

/** What everybody in a world shares. */
export interface Scene {
  readonly seed: number
  readonly clock: Clock
  readonly network: Network
  readonly trace: Trace
  readonly founded: Founded
  readonly open: Opening
  readonly results: Results
  readonly watch: Watch
  /** What new nodes are tried with, if they are. */
  readonly trials: ReadonlyMap<ChainId, Trial>
}
