import {
  type Answer,
  type Fact,
  jobDocument,
  jobId,
  receiptDocument,
  reopen,
  sealDocument,
  transferId,
} from '../../specs/index.ts'
import type { Noted } from './history.ts'

/** What the history keeps of a fact, if anything. */
export function noted(fact: Fact): Noted[] {
  switch (fact.type) {
    case 'job': {
      const { publisher } = valued(reopen(jobDocument, fact.job))
      return [{ f: 'job', job: jobId(fact.job), publisher }]
    }
    case 'receipt': {
      const { job, unit, slot, epoch, fence } = fact
      return [{ f: 'receipt', key: [job, unit, slot, epoch, fence].join('/') }]
    }
    case 'verdict': {
      const { job, unit, decided, receipts } = fact
      const opened = receipts.map((signed) => {
        const { slot, node } = valued(reopen(receiptDocument, signed))
        return [slot, node] as const
      })
      const agreeing = decided.type === 'accepted' ? decided.agreeing : []
      return [{ f: 'verdict', job, unit, as: decided.type, agreeing, opened }]
    }
    case 'reopen':
      return [{ f: 'reopen', job: fact.job, unit: fact.unit }]
    case 'transfer': {
      const { purpose, from, to, micro } = fact
      const of =
        purpose.type === 'settle' ? purpose.of : purpose.type === 'arrive' ? purpose.departed : ''
      const id = transferId(purpose)
      const about = of === '' ? {} : { of }
      return [{ f: 'transfer', id, purpose: purpose.type, from, to, micro, ...about }]
    }
    case 'end':
      return [{ f: 'end', job: fact.job, as: fact.as }]
    case 'seal': {
      const { size, successor } = valued(reopen(sealDocument, fact.seal))
      return [{ f: 'seal', size, successor }]
    }
    default:
      return []
  }
}

function valued<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value
  throw new Error(answer.refusal.code)
}
