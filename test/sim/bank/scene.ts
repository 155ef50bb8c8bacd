import type { ChainId } from '../../../specs/index.ts'
import type { Chance } from '../../fuzz/chance.ts'
import type { Home } from './home.ts'

/** What owners see of a world. */
export interface Scene {
  readonly chance: Chance
  readonly at: number
  /** Every home that there is: two of one chain, where its coordinator does not know its seal. */
  homes(): Home[]
  /** Who writes a chain now: where nobody can deny that it counts. */
  homeOf(chain: ChainId): Home
}
