import { type Answer, accept, limits, type Question } from '@nexapod/specs'
import type { Ground } from './ground.ts'

/** Asks for something to be done, just as it is asked on the mesh. */
export async function done(
  { judge }: Ground,
  question: Question & {
    readonly type: 'publish' | 'act' | 'delegate' | 'revoke' | 'order' | 'claim'
  },
  signal: AbortSignal,
): Promise<Answer<{ readonly seq?: number }>> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(limits.answerMs)])
  const answer = await judge.ask(question, until)
  switch (answer.type) {
    case 'refuse':
      return { ok: false, refusal: answer.refusal }
    case 'done':
      return accept(answer.seq === undefined ? {} : { seq: answer.seq })
    default:
      throw new Error(`${question.type} was answered by ${answer.type}`)
  }
}
