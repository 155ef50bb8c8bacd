import {
  type Answer,
  accept,
  type Change,
  type MeshId,
  openChange,
  type Question,
  refuse,
  reopen,
} from '@nexapod/specs'
import type { AnswerTo } from './call.ts'

/** Puts a question to one coordinator. */
export type Ask = <Q extends Question>(question: Q) => Promise<Answer<AnswerTo<Q>>>

/**
 * The changes of a mesh after a revision, one after the other, as a coordinator tells them. Nothing
 * of it was checked: who takes one that does not follow, or is not signed, stops there.
 */
export async function* changesTold(
  ask: Ask,
  mesh: MeshId,
  after: number,
): AsyncGenerator<Answer<Change>> {
  for (let revision = after; ; revision++) {
    const answer = await ask({ type: 'changes', mesh, after: revision })
    if (!answer.ok) {
      yield answer
      return
    }
    const { change } = answer.value
    if (change === undefined) return
    const says = openChange(change, reopen)
    // What comes out of its turn could come for ever.
    if (!says.ok || says.value.revision !== revision + 1) {
      yield refuse('chain.roster', { detail: `no change of revision ${revision + 1}` })
      return
    }
    yield accept(change)
  }
}
