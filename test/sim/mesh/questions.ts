import { type Fact, jobId, type Question } from '../../../specs/index.ts'

/** Whether a fact is what a question asked for. */
export function isOf(fact: Fact, question: Question): boolean {
  switch (question.type) {
    case 'publish':
      return fact.type === 'job' && jobId(fact.job) === jobId(question.job)
    case 'delegate':
      return fact.type === 'delegation'
    case 'revoke':
      return fact.type === 'revocation'
    case 'claim':
      return fact.type === 'claim'
    default:
      return fact.type === 'cancel' || fact.type === 'transfer'
  }
}
