import { Changes } from '@nexapod/ledger'
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

/** After a sign of life of a stranger all members are asked soon: half of it is drawn. */
const strangerMs = 8000

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
  changed(line: Changes): void
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
  #isLooking = false
  #isStrange = false
  #cancel = () => {}
  readonly #gone = new AbortController()

  constructor(
    invitation: Invitation,
    { asked, nature }: { readonly asked: Asked; readonly nature: Pick<Nature, 'after' | 'draw'> },
    line: Changes | undefined,
  ) {
    this.#line = line
    this.#invitation = invitation
    this.#asked = asked
    this.#nature = nature
  }

  /** Looks now, and from time to time from then on; says who governs, whenever that changed. */
  begin(follower: Follower): void {
    this.#isLooking = true
    this.#isStrange = false
    follower.attend(this.#look(follower))
  }

  /** Somebody who is not of the roster gives a sign of life: it may be of the next one. */
  stranger(follower: Follower): void {
    if (this.#isLooking || this.#isStrange || this.#gone.signal.aborted) return
    this.#isStrange = true
    this.#wait((strangerMs / 2) * (1 + this.#nature.draw() / 2 ** 32), follower)
  }

  async #look(follower: Follower): Promise<void> {
    const before = this.#line?.governance.revision ?? -1
    for (const key of this.#asked.members.keys) if (!this.#gone.signal.aborted) await this.#ask(key)
    const line = this.#line
    if (this.#gone.signal.aborted) return
    if (line !== undefined && line.governance.revision > before) follower.changed(line)
    // Half of the pause is drawn, so that nodes that begin together do not ask together.
    const pauseMs = (limits.rosterMs / 2) * (1 + this.#nature.draw() / 2 ** 32)
    this.#wait(pauseMs, follower)
    this.#isLooking = false
  }

  #wait(ms: number, follower: Follower): void {
    this.#cancel()
    this.#cancel = this.#nature.after(ms, () => this.begin(follower))
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
