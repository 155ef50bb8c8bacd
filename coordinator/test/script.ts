import type { ChainId, MeshId, Offer, PeerId } from '@nexapod/specs'

/** Whom a scripted node turns to. */
export interface Target {
  readonly mesh: MeshId
  readonly coordinator: PeerId
  readonly addresses: readonly string[]
  /** Which chain, if it is not its own. */
  readonly chain?: ChainId
}

/** How a scripted node does what it does. */
export interface Script {
  /** What it says that a unit gives; nothing, if it never delivers by itself. */
  readonly says?: (unit: number) => string | undefined
  /** How many units it takes at once. */
  readonly units?: number
  readonly offer?: Partial<Offer>
  /** Whether it has not what it says that units gave. */
  readonly lost?: boolean
}
