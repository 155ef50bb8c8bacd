import { Changes, type Governance } from '@nexapod/ledger'
import { type AnswerTo, changesTold } from '@nexapod/mesh'
import {
  type Answer,
  type CoordinatorId,
  type Invitation,
  limits,
  openInvited,
  type Question,
} from '@nexapod/specs'
import type { Nature } from './ground.ts'

/** What is needed of the way to coordinators. */
export interface Asked {
  readonly members: { readonly keys: readonly CoordinatorId[] }
  ask<Q extends Question>(
    of: CoordinatorId,
    question: Q,
    signal: AbortSignal,
  ): Promise<Answer<AnswerTo<Q>>>
}

/** Who wants to know who governs. */
export interface Follower {
  changed(governance: Governance): void
  /** Sees to it that what is under way ends well, or ends the node. */
  attend(work: Promise<void>): void
}

/**
 * Follows who governs the mesh: the line of changes from its founding on, as any of the members
 * tells it. The invitation is the digest of the founding, and a quorum signed each change, so it
 * does not matter who told it.
 */
export class Governing implements Disposable {
  readonly #invitation: Invitation
  readonly #asked: Asked
  readonly #nature: Pick<Nature, 'after' | 'draw'>
  #line: Changes | undefined
  #cancel = () => {}
  readonly #gone = new AbortController()

  constructor(
    invitation: Invitation,
    { asked, nature }: { readonly asked: Asked; readonly nature: Pick<Nature, 'after' | 'draw'> },
  ) {
    this.#invitation = invitation
    this.#asked = asked
    this.#nature = nature
  }

  /** Looks now, and from time to time from then on; says who governs, whenever that changed. */
  begin(follower: Follower): void {
    follower.attend(this.#look(follower))
  }

  async #look(follower: Follower): Promise<void> {
    const before = this.#line?.governance.revision ?? 0
    for (const key of this.#asked.members.keys) if (!this.#gone.signal.aborted) await this.#ask(key)
    const governance = this.#line?.governance
    if (this.#gone.signal.aborted) return
    if (governance !== undefined && governance.revision > before) follower.changed(governance)
    // Half of the pause is drawn, so that nodes that begin together do not ask together.
    const pauseMs = (limits.rosterMs / 2) * (1 + this.#nature.draw() / 2 ** 32)
    this.#cancel = this.#nature.after(pauseMs, () => this.begin(follower))
  }

  [Symbol.dispose](): void {
    this.#gone.abort()
    this.#cancel()
  }

  /** Takes what one of them knows beyond the line; what is not true of it is let alone. */
  async #ask(of: CoordinatorId): Promise<void> {
    const { mesh } = this.#invitation
    this.#line ??= await this.#foundedAs(of)
    const line = this.#line
    if (line === undefined) return
    const ask = <Q extends Question>(question: Q) => this.#askOne(of, question)
    for await (const told of changesTold(ask, mesh, line.governance.revision)) {
      if (!told.ok || !line.take(told.value).ok) return
    }
  }

  async #foundedAs(of: CoordinatorId): Promise<Changes | undefined> {
    const { mesh } = this.#invitation
    const said = await this.#askOne(of, { type: 'founding', mesh })
    if (!said.ok || !openInvited(this.#invitation, said.value.founding).ok) return undefined
    const begun = Changes.begin(said.value.founding)
    return begun.ok ? begun.value : undefined
  }

  #askOne<Q extends Question>(of: CoordinatorId, question: Q) {
    const until = AbortSignal.any([this.#gone.signal, AbortSignal.timeout(limits.answerMs)])
    return this.#asked.ask(of, question, until)
  }
}
