import { type Answer, type AnswerMessage, type JobId, refusalOf } from '@nexapod/specs'
import { admit } from './admit.ts'
import { amend } from './amending.ts'
import { claim } from './claims.ts'
import { learnDelegation, learnRevocation } from './delegations.ts'
import type { Deed } from './event.ts'
import { handOver } from './orders.ts'
import { carryOut } from './requests.ts'
import { unaskedMs } from './sessions.ts'
import type { Turn } from './turn.ts'

/** Answers what somebody asks to be done. What is done is on the disk before that is said. */
export function answerCall(turn: Turn, call: number, question: Deed): void {
  turn.answer(call, question.type === 'job' ? stateOf(turn, question.job) : done(turn, question))
}

function done(turn: Turn, question: Exclude<Deed, { type: 'job' }>): AnswerMessage {
  if (turn.state.firmFrom !== undefined) {
    return { type: 'refuse', refusal: refusalOf('ledger.unasked', { retryMs: unaskedMs }) }
  }
  const answer = carriedOut(turn, question)
  if (!answer.ok) return { type: 'refuse', refusal: answer.refusal }
  return answer.value === undefined ? { type: 'done' } : { type: 'done', seq: answer.value }
}

function carriedOut(
  turn: Turn,
  question: Exclude<Deed, { type: 'job' }>,
): Answer<number | undefined> {
  switch (question.type) {
    case 'publish':
      if (!turn.state.draining) return admit(turn, question.job)
      return { ok: false, refusal: refusalOf('wire.closing') }
    case 'act':
      return carryOut(turn, question.request)
    case 'delegate':
      return learnDelegation(turn, question.delegation)
    case 'revoke':
      return learnRevocation(turn, question.revocation)
    case 'order':
      return handOver(turn, question.order)
    case 'claim':
      return claim(turn, question)
    case 'amend':
      return amend(turn, question.change)
  }
}

/** How far a job is. */
function stateOf({ state }: Turn, id: JobId): AnswerMessage {
  const row = state.ledger.state.jobs.get(id)
  if (row === undefined) return { type: 'refuse', refusal: refusalOf('job.unknown') }
  const { chain } = state
  const { units, undecided, accepted, ended } = row
  const dead = units - undecided - accepted
  return { type: 'job', chain, units, accepted, dead, ...(ended ? { ended: ended.seq } : {}) }
}
