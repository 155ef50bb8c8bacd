import { type ChainId, type CoordinatorId, limits } from '@nexapod/specs'
import type { Time } from '../time.ts'

/** A look that is later than this was made by who stood still itself. */
const stalledMs = limits.silentMs / 2

/** Of which chains nothing is heard, for how long, and which members are there. */
export class Silence {
  readonly #time: Pick<Time, 'now'>
  readonly #heard = new Map<ChainId, number>()
  /** Since when a member is there, and when it was heard last. */
  readonly #alive = new Map<CoordinatorId, { readonly since: number; readonly at: number }>()
  #lookedAt: number

  constructor(time: Pick<Time, 'now'>) {
    this.#time = time
    this.#lookedAt = time.now()
  }

  /** Something came from who writes a chain. */
  heard(chain: ChainId): void {
    this.#heard.set(chain, this.#time.now())
  }

  /** Something came from a member. */
  met(member: CoordinatorId): void {
    const at = this.#time.now()
    const since = at - this.aliveMs(member)
    this.#alive.set(member, { since, at })
  }

  /** Comes round every second or so, and listens to these chains from then on. */
  look(chains: Iterable<ChainId>): void {
    const now = this.#time.now()
    const stoodMs = now - this.#lookedAt
    if (stoodMs > stalledMs) this.#stood(now, stoodMs)
    this.#lookedAt = now
    for (const chain of chains) if (!this.#heard.has(chain)) this.#heard.set(chain, now)
  }

  /** For how long nothing was heard of a chain. */
  ofMs(chain: ChainId): number {
    const now = this.#time.now()
    return now - (this.#heard.get(chain) ?? now)
  }

  isAlive(member: CoordinatorId): boolean {
    const { at = Number.NEGATIVE_INFINITY } = this.#alive.get(member) ?? {}
    return this.#time.now() - at < limits.silentMs
  }

  /** For how long a member is there; 0 if it is not. */
  aliveMs(member: CoordinatorId): number {
    const { since } = this.#alive.get(member) ?? {}
    return since !== undefined && this.isAlive(member) ? this.#time.now() - since : 0
  }

  /**
   * Who stood still has heard nobody, which says nothing about the others: that time does not
   * count. Who was heard until then has time to be heard again; who was silent stays so.
   */
  #stood(now: number, stoodMs: number): void {
    for (const [chain, at] of this.#heard) {
      const wasSilent = this.#lookedAt - at >= limits.silentMs
      this.#heard.set(chain, wasSilent ? at + stoodMs : now)
    }
  }
}
