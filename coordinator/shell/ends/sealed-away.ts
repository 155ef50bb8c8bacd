import type { Answer, AnswerMessage, ChainId, CoordinatorId, Seal, Signed } from '@nexapod/specs'
import type { Log } from '../log.ts'
import type { Others } from '../others/others.ts'
import type { Memory } from './memory.ts'
import { type Ending, sealOf } from './proposal.ts'

/** How often the others are asked whether a chain that is written here was sealed. */
export const homesMs = 4000

/** What is needed to find out what was sealed away from here. */
export interface SealedAwayGround {
  readonly own: CoordinatorId
  readonly others: Pick<Others, 'keys' | 'askAllAside'>
  readonly memory: Pick<Memory, 'keepSeal'>
  readonly log: Log
  /** The epochs that are written here. */
  homes(): readonly Ending[]
  /** A chain that is written here was sealed, and another goes on with it. */
  lost(chain: ChainId): void
}

/** Asks the others whether what is written here was sealed meanwhile. */
export class SealedAway {
  readonly #ground: SealedAwayGround
  readonly #gone: AbortSignal
  #looks = 0

  constructor(ground: SealedAwayGround, gone: AbortSignal) {
    this.#ground = ground
    this.#gone = gone
  }

  /** Asks about all chains at once: to begin anew for each of many would take minutes. */
  async look(): Promise<void> {
    const { others, homes, lost } = this.#ground
    const all = homes()
    // Who is slow answers for some of them only, and for others the next time.
    const from = this.#looks++ % Math.max(1, all.length)
    const turned = [...all.slice(from), ...all.slice(0, from)]
    const questions = turned.map(({ chain, epoch }) => ({ type: 'sealed' as const, chain, epoch }))
    const asked = { signal: this.#gone, withinMs: homesMs }
    await Promise.all(
      others.keys.map(async (key) => {
        const answers = await others.askAllAside(key, questions, asked)
        const ended: ChainId[] = []
        for (const [i, answer] of answers.entries()) {
          const ending = turned[i]
          if (ending && (await this.#isEnded(ending, answer))) ended.push(ending.chain)
        }
        for (const chain of ended) lost(chain)
      }),
    )
  }

  async #isEnded(ending: Ending, answer: Answer<AnswerMessage>): Promise<boolean> {
    const { memory, log, own } = this.#ground
    if (!answer.ok || answer.value.type !== 'sealed') return false
    const seal = await sealIn(answer.value.seal, ending)
    if (seal === undefined || seal.successor === own) return false
    const kept = await memory.keepSeal(answer.value.seal)
    const { chain, epoch } = ending
    log.warn({ chain, epoch, size: seal.size, successor: seal.successor }, 'was sealed')
    return kept.ok
  }
}

/** What a seal says, if it is one of this epoch. */
export async function sealIn(signed: Signed<Seal>, ending: Ending): Promise<Seal | undefined> {
  const seal = await sealOf(signed, ending)
  return seal.ok ? seal.value : undefined
}
