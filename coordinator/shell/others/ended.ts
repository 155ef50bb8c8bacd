import type { ChainId } from '@nexapod/specs'
import type { Over } from '../../core/event.ts'
import type { Memory } from '../ends/memory.ts'
import type { Inbox } from '../home/desk.ts'
import type { Forks } from './forks.ts'

/** Epochs of chains of which nothing is claimed any more: forks of them are known, or seals. */
export class Ended {
  readonly #forks: Pick<Forks, 'all' | 'on'>
  readonly #memory: Pick<Memory, 'ended' | 'on'>

  constructor(forks: Pick<Forks, 'all' | 'on'>, memory: Pick<Memory, 'ended' | 'on'>) {
    this.#forks = forks
    this.#memory = memory
  }

  /** Tells a core that has begun of all that is known, and of each that comes. */
  tell(inbox: Pick<Inbox, 'happen'>): void {
    const told = new Map<ChainId, Over>()
    const hear = () => {
      for (const over of this.#last()) {
        const { chain, epoch, why } = over
        const before = told.get(chain)
        if (before?.epoch === epoch && before.why === why) continue
        told.set(chain, over)
        inbox.happen({ type: 'over', ...over })
      }
    }
    this.#forks.on(hear)
    this.#memory.on(hear)
    hear()
  }

  /** The last epoch of each chain that is over; what was forked is no more than sealed then. */
  #last(): readonly Over[] {
    const all = new Map<ChainId, Over>()
    const forked = this.#forks.all.map(
      ({ says }) => [says.chain, says.epoch, 'ledger.forked'] as const,
    )
    const sealed = [...this.#memory.ended].map((one) => [...one, 'ledger.sealed'] as const)
    for (const [chain, epoch, why] of [...forked, ...sealed]) {
      if (epoch >= (all.get(chain)?.epoch ?? 0)) all.set(chain, { chain, epoch, why })
    }
    return [...all.values()]
  }
}
