import type { Store } from '@nexapod/ledger/store'
import type { StockedMesh } from '@nexapod/mesh'
import type { ChainId, Change, Signer } from '@nexapod/specs'
import type { Begun } from '../../core/begin.ts'
import type { Log } from '../log.ts'
import type { Beside } from '../others/abroad.ts'
import type { Ended } from '../others/ended.ts'
import type { Evidence } from '../others/evidence.ts'
import type { Forks } from '../others/forks.ts'
import type { Others } from '../others/others.ts'
import type { Time } from '../time.ts'

/** What a home stands on: it shares all of this with the other homes of its process. */
export interface HomeGround {
  readonly signer: Signer
  readonly mesh: StockedMesh
  /** What nobody is shown: outputs that are compared before their verdict. */
  readonly apart: StockedMesh['data']
  readonly others: Others
  readonly forks: Pick<Forks, 'isFrozen' | 'on'>
  readonly ended: Ended
  readonly evidence: Pick<Evidence, 'doubted' | 'shown'>
  readonly time: Time
  readonly log: Log
  /** The other chains that are followed or written here. */
  beside(chain: ChainId): readonly Beside[]
  /** The chain has this change now, on the disk. */
  amended(change: Change, chain: ChainId): void
}

/** The chain of a home. */
export interface HomeChain {
  /** Where it notes what it keeps for others. */
  readonly directory: string
  readonly store: Store
  readonly begun: Begun
}
