import type { Changes, Governance } from '@nexapod/ledger'
import { type Ask, changesTold, type Mesh } from '@nexapod/mesh'
import {
  type Answer,
  type AnswerMessage,
  accept,
  type ChainId,
  type Change,
  type CoordinatorId,
  type Question,
  refuse,
} from '@nexapod/specs'
import type { Log } from '../log.ts'

/** A chain that is written here, as far as changes concern it. */
export interface Amended {
  readonly chain: ChainId
  /** The last change that stands on it. */
  readonly revision: number
  /** Writes what follows. */
  amend(changes: readonly Change[]): void
}

/** What amendments stand on. */
export interface AmendmentsGround {
  readonly mesh: Pick<Mesh, 'id'>
  readonly log: Log
  /** The chains that are written here. */
  homes(): readonly Amended[]
  /** From now on these govern, whatever stands on the chains yet. */
  follow(governance: Governance): void
}

/**
 * Who governs the mesh now: the line of changes from the founding on, whoever told them. What is
 * new goes to the chains that are written here, and holds for the process at once.
 */
export class Amendments {
  readonly #ground: AmendmentsGround
  readonly #line: Changes

  constructor(line: Changes, ground: AmendmentsGround) {
    this.#line = line
    this.#ground = ground
  }

  /** Who governs now. */
  get governance(): Governance {
    return this.#line.governance
  }

  /** A change was heard of: from a member, or on a chain. Whether it was a new one. */
  hear(change: Change, from: CoordinatorId | ChainId): boolean {
    const { log, homes, follow } = this.#ground
    const taken = this.#line.take(change)
    if (!taken.ok) {
      log.error({ from, refusal: taken.refusal }, 'a change that does not follow')
      return false
    }
    if (!taken.value) return false
    const { revision, members, quorum } = this.governance
    log.info({ from, revision, members: members.length, quorum }, 'governed anew')
    follow(this.governance)
    for (const home of homes()) this.tell(home)
    return true
  }

  /** Has a chain written what it lacks. */
  tell(home: Amended): void {
    const changes = this.#line.after(home.revision)
    if (changes.length > 0) home.amend(changes)
  }

  /** Asks a member for what is not known here; and whether it knows the same. */
  async compare(member: CoordinatorId, ask: Ask): Promise<void> {
    const { id } = this.#ground.mesh
    const { revision } = this.governance
    let isFirst = revision > 0
    for await (const told of changesTold(ask, id, Math.max(0, revision - 1))) {
      if (!told.ok) {
        this.#ground.log.warn({ member, refusal: told.refusal }, 'tells no changes')
        return
      }
      if (!this.hear(told.value, member) && !isFirst) return
      isFirst = false
    }
  }

  /** Answers what is asked of the line; nothing to other questions. */
  answer(question: Question): Answer<AnswerMessage> | undefined {
    if (question.type !== 'changes' && question.type !== 'founding') return undefined
    if (question.mesh !== this.#ground.mesh.id) return refuse('wire.mesh')
    const { founding, governance } = this.#line
    if (question.type === 'founding') return accept({ type: 'founding', founding })
    const { revision } = governance
    const change = this.#line.at(question.after + 1)
    return accept({ type: 'changes', revision, ...(change === undefined ? {} : { change }) })
  }
}
