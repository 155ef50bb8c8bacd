import {
  type AnswerMessage,
  type Checkpoint,
  type CoordinatorId,
  type Cosignature,
  type Digest,
  type FromCoordinator,
  type FromNode,
  fromCoordinator,
  fromNode,
  limits,
  type NodeId,
  type Question,
  type Signed,
} from '../../../specs/index.ts'
import type { Chance } from '../../fuzz/chance.ts'
import type { Clock } from './clock.ts'
import { about } from './draws.ts'
import { type Ear, type End, ends } from './stream.ts'

/** The end of a coordinator on a stream with a node. */
export type WorkEnd = End<FromNode, FromCoordinator>
/** The end of a node on a stream with a coordinator. */
export type NodeEnd = End<FromCoordinator, FromNode>

/** What a writer pushes to who follows it: entries up to a checkpoint. */
export interface Push {
  readonly from: number
  readonly entries: readonly Uint8Array[]
  readonly checkpoint: Signed<Checkpoint>
  readonly head: Digest
}

/** What a follower says back: how much it has on its disk, and that it saw a checkpoint. */
interface Pull {
  readonly has: number
  readonly cosignature?: Signed<Cosignature>
}

/** The end of a writer on a stream with a follower. */
export type WriterEnd = End<Pull, Push>
/** The end of a follower on a stream with a writer. */
export type FollowerEnd = End<Push, Pull>

/** Where somebody is: a name to cut it off by, and the network that it shows. */
export interface Place {
  readonly name: string
  readonly network: string
}

/** Whoever can be dialled. */
export interface Host {
  readonly place: Place
  readonly isUp: boolean
  opened(end: WorkEnd, node: NodeId, network: string): void
  followed(end: WriterEnd): void
  asked(question: Question, answer: (answer: AnswerMessage) => void): void
}

interface Open {
  readonly a: string
  readonly b: string
  readonly ends: readonly [End<never, unknown>, End<never, unknown>]
}

/** The roads between all: with delays, cuts, and whole regions that nobody reaches. */
export class Network {
  readonly #clock: Clock
  readonly #chance: Chance
  readonly #hosts = new Map<CoordinatorId, Host>()
  #open: Open[] = []
  readonly #islands = new Set<ReadonlySet<string>>()
  /** Of a thousand questions or answers, how many are lost. */
  lostPermille = 0
  /** What everything takes at least. */
  delayMs = 20

  constructor(clock: Clock, chance: Chance) {
    this.#clock = clock
    this.#chance = chance
  }

  host(id: CoordinatorId, host: Host): void {
    this.#hosts.set(id, host)
  }

  /** A node opens a stream; its ear hears when it is there by `opened`. */
  dial(
    from: Place & { readonly node: NodeId },
    to: CoordinatorId,
    ear: Ear<FromCoordinator> & { opened(): void },
  ): NodeEnd {
    const [mine, other] = ends(this.#road(), fromNode, fromCoordinator)
    mine.ear = ear
    this.#join(from, to, [mine, other], (host) => {
      host.opened(other, from.node, from.network)
      ear.opened()
    })
    return mine
  }

  /** A coordinator opens a stream to follow another. */
  follow(from: Place, to: CoordinatorId, ear: Ear<Push> & { opened(): void }): FollowerEnd {
    const [mine, other] = ends<Pull, Push>(this.#road())
    mine.ear = ear
    this.#join(from, to, [mine, other], (host) => {
      host.followed(other)
      ear.opened()
    })
    return mine
  }

  /** Asks a question. It may be lost, or come twice, or its answer may be lost: then none comes. */
  ask(
    from: Place,
    to: CoordinatorId,
    question: Question,
    answered: (answer?: AnswerMessage) => void,
  ): void {
    const host = this.#hosts.get(to)
    let isOver = false
    const end = (answer?: AnswerMessage) => {
      if (isOver) return
      isOver = true
      answered(answer)
    }
    this.#clock.after(limits.answerMs, end)
    const copies = this.#chance.once(16) ? 2 : 1
    for (let i = 0; i < copies; i++) {
      this.#pass(from, host, () => {
        host?.asked(question, (answer) => this.#pass(from, host, () => end(answer)))
      })
    }
  }

  /** Cuts everything that somebody has: their process is gone. */
  drop(name: string): void {
    for (const one of this.#open) {
      if (one.a === name || one.b === name) this.#cut(one, true)
    }
  }

  /** Cuts one stream of somebody. */
  cutOne(): void {
    const one = this.#chance.any(this.#open)
    if (one !== undefined) this.#cut(one, this.#chance.once(2))
  }

  /** Nobody inside reaches anybody outside, until it is healed. */
  island(names: ReadonlySet<string>): () => void {
    this.#islands.add(names)
    for (const one of this.#open) if (this.#isSevered(one.a, one.b)) this.#cut(one, false)
    return () => this.#islands.delete(names)
  }

  #road(): { clock: Clock; chance: Chance; delayMs: number } {
    return {
      clock: this.#clock,
      chance: this.#chance,
      delayMs: this.delayMs * (this.#chance.once(5) ? 10 : 1),
    }
  }

  #join<Up, Down>(
    from: Place,
    to: CoordinatorId,
    [mine, other]: [End<Down, Up>, End<Up, Down>],
    opened: (host: Host) => void,
  ): void {
    const host = this.#hosts.get(to)
    this.#clock.after(about(this.#chance, 2 * this.delayMs), () => {
      if (!mine.isOpen) return
      if (host === undefined || !host.isUp || this.#isSevered(from.name, host.place.name)) {
        mine.cut(this.#chance.once(2))
        return
      }
      const both = [mine, other] as unknown as Open['ends']
      this.#open = this.#open.filter(({ ends: [a, b] }) => a.isOpen || b.isOpen)
      this.#open.push({ a: from.name, b: host.place.name, ends: both })
      opened(host)
    })
  }

  #pass(from: Place, host: Host | undefined, arrived: () => void): void {
    if (this.#chance.below(1000) < this.lostPermille) return
    this.#clock.after(about(this.#chance, this.delayMs), () => {
      if (host?.isUp && !this.#isSevered(from.name, host.place.name)) arrived()
    })
  }

  #cut({ ends: [a, b] }: Open, soon: boolean): void {
    a.cut(soon)
    b.cut(soon)
  }

  #isSevered(a: string, b: string): boolean {
    for (const island of this.#islands) if (island.has(a) !== island.has(b)) return true
    return false
  }
}
