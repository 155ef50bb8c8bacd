import type { Chance } from '../fuzz/chance.ts'
import type { One, Three } from './three.ts'

/** What befalls coordinators: in this order, over and over. */
const gentle = ['kill', 'part'] as const
/** The same with one that is away until its chain has another home. */
const rough = [...gentle, 'kill', 'part', 'gone'] as const

/** Between two of them. */
const restMs = 1000

/** Coordinators are killed and begun again, and parted from each other, until it is told to end. */
export class Storm {
  readonly #three: Three
  readonly #chance: Chance
  readonly #kinds: readonly (typeof rough)[number][]
  /** How often what has been. */
  readonly counts = new Map<string, number>()
  #isOver = false
  readonly #ended: Promise<void>

  constructor(three: Three, chance: Chance, isRough: boolean) {
    this.#three = three
    this.#chance = chance
    this.#kinds = isRough ? rough : gentle
    this.#ended = this.#blow()
    this.#ended.catch(() => 'who asks for its end hears of it')
  }

  /** Whether each of them has been. */
  get isThrough(): boolean {
    return this.#kinds.every((kind) => this.counts.has(kind))
  }

  /** Nothing new; resolves when all are there again, and reach each other. */
  async end(): Promise<void> {
    this.#isOver = true
    await this.#ended
  }

  async #blow(): Promise<void> {
    for (let i = 0; !this.#isOver; i++) {
      const kind = this.#kinds[i % this.#kinds.length] as (typeof rough)[number]
      const all = [...this.#three.all]
      const [one] = all.splice(this.#chance.below(all.length), 1) as [One]
      if (kind === 'part') {
        using _ = this.#three.part(one, this.#chance.one(all))
        await after(3000 + this.#chance.below(2000))
      } else {
        const adopted = this.#three.logs('adopted')
        await one.process.end('SIGKILL')
        await (kind === 'gone' ? adopted : after(this.#chance.below(1000)))
        await one.process.begin()
      }
      this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1)
      await after(restMs)
    }
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
