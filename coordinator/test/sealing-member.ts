import type { Governance } from '@nexapod/ledger'
import type { Seen } from '@nexapod/ledger/store'
import {
  type Answer,
  accept,
  type Checkpoint,
  type CoordinatorId,
  type Cut,
  type Pledge,
  type Signed,
  type Signer,
} from '@nexapod/specs'
import type { Vow } from '../shell/ends/memory.ts'
import { Voter } from '../shell/ends/voter.ts'
import type { Draw } from './seeded.ts'

/** The one that is to end. */
export const epoch = 0

/** What the disk of a member holds: it outlives the process. */
interface Disk {
  vow: Vow | undefined
  seen: Seen | undefined
  stood: { readonly size: number; readonly checkpoint: Signed<Checkpoint> } | undefined
}

/** What is around a member. */
export interface Around {
  readonly draw: Draw
  readonly writer: CoordinatorId
  readonly governance: Governance
  readonly writerIsUp: boolean
  turn(): Promise<void>
  poll(by: Member): Promise<(Pledge | undefined)[]>
  reach(by: Member, cut: Cut, from: CoordinatorId): Promise<boolean>
}

/** A member whose process may end at any moment. */
export class Member {
  readonly id: CoordinatorId
  readonly disk: Disk = { vow: undefined, seen: undefined, stood: undefined }
  isUp = true
  life = 0
  /** The link to the writer is cut. */
  isApart = false
  /** What it was shown that a quorum has cosigned: the writer may know of more. */
  shown = 0
  readonly #world: Around
  readonly #signer: Signer
  /** What is being written. */
  #writing: (() => void) | undefined
  voter: Voter

  constructor(world: Around, signer: Signer) {
    this.#world = world
    this.#signer = signer
    this.id = signer.id as CoordinatorId
    this.voter = this.#begun()
  }

  /** Ends the process: what it was writing is on the disk, or is not, and nobody hears of it. */
  crash(): void {
    this.isUp = false
    this.life++
    if (this.#world.draw(2) === 0) this.#writing?.()
    this.#writing = undefined
  }

  restart(): void {
    this.isUp = true
    this.voter = this.#begun()
  }

  /** Its disk is another one: what it promised is forgotten. */
  forget(): void {
    this.crash()
    this.disk.vow = undefined
    this.disk.seen = undefined
    this.restart()
  }

  get hears(): boolean {
    return this.#world.writerIsUp && !this.isApart
  }

  #begun(): Voter {
    const { life, disk } = this
    const world = this.#world
    let before: Promise<unknown> = Promise.resolve()
    const write = async (act: () => void): Promise<Answer<undefined>> => {
      if (this.life === life) this.#writing = act
      await world.turn()
      if (this.life === life) {
        act()
        this.#writing = undefined
      }
      return await this.#alive(life, accept(undefined))
    }
    return new Voter({
      signer: this.#signer,
      memory: {
        alone: (act) => {
          const answer = before.then(act, act)
          before = answer
          return answer
        },
        vow: async () => await this.#alive(life, accept(disk.vow)),
        keepVow: (_, vow) => {
          return write(() => {
            disk.vow = vow
          })
        },
        seal: async () => accept(undefined),
        seen: async () => await this.#alive(life, accept(disk.seen)),
        see: (_, seen) => {
          return write(() => {
            disk.seen = seen
          })
        },
      },
      known: () => {
        const { stood } = disk
        const { writer, governance } = world
        const found = stood && { ...stood, cosignatures: [] }
        const electorateAt = async () => accept(governance)
        const governed = { governance, electorateAt, isAtRest: async () => false }
        return {
          epoch,
          writer,
          ...governed,
          size: found?.size ?? 0,
          stood: found,
          cosigned: this.shown,
        }
      },
      learn: () => {},
      isHeard: () => this.hears,
      isFrozen: () => false,
      doubted: async () => {},
      poll: (_chain, _epoch) => world.poll(this),
      holds: async () => true,
      reach: (_chain, cut, from) => world.reach(this, cut, from),
    })
  }

  /** The answer, unless the process has ended: then nothing comes of it any more. */
  #alive<T>(life: number, answer: T): Promise<T> {
    return this.life === life ? Promise.resolve(answer) : new Promise<T>(() => {})
  }
}
