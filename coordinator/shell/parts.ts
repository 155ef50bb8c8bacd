import type { Changes } from '@nexapod/ledger'
import type { Store } from '@nexapod/ledger/store'
import type { StockedMesh } from '@nexapod/mesh'
import type { Answer, ChainId, Mesh as MeshDocument, Signer } from '@nexapod/specs'
import type { Begun } from '../core/begin.ts'
import type { Memory } from './ends/memory.ts'
import type { HomeChain } from './home/home-ground.ts'
import type { Log } from './log.ts'
import type { Forks } from './others/forks.ts'
import type { Threads } from './threads/threads.ts'

/** What a coordinator is made of. */
export interface Parts {
  readonly config: {
    readonly directory: string
    readonly log: Log
  }
  readonly signer: Signer
  /** Its own chain. */
  readonly store: Store
  /** What it must not forget, whatever becomes of its chains. */
  readonly memory: Memory
  /** The chains of others that it goes on with. */
  readonly adopted: readonly HomeChain[]
  /** Opens another of them, once it was sealed to this coordinator and its copy is closed. */
  openHome(chain: ChainId): Promise<Answer<HomeChain>>
  readonly forks: Forks
  /** Where the chains of others are learnt. */
  readonly threads: Threads
  readonly mesh: StockedMesh
  /** What nobody is shown: outputs that are compared before their verdict. */
  readonly apart: StockedMesh['data']
  readonly founded: MeshDocument
  readonly begun: Begun
  /** Who governs, and what led there. */
  readonly line: Changes
  readonly release: AsyncDisposableStack
}
