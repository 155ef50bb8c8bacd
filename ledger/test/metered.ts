import {
  type Account,
  accounts,
  type Fact,
  jobDocument,
  jobId,
  metered,
  type PeerId,
  type Purpose,
  priced,
  receiptDocument,
  receiptId,
  resultId,
  sign,
  transferId,
} from '@nexapod/specs'
import type { Writer } from './chains.ts'
import { nodes, workedJob } from './worked.ts'
import { accepted, accountOf, jobFact } from './world.ts'

const budget = 260_000
const rates = { microPerCoreSecond: 1000, microPerGpuSecond: 1000 } as Parameters<typeof priced>[1]

/**
 * A funded job of one container, whose first verdict was overturned: by its program it ended with 1
 * first, and with 0 at last. All of it is settled, and the job has ended.
 */
export function meteredJob() {
  const { writer } = workedJob(40)
  const publisher = nodes[0]
  const { job: draft, fact } = jobFact(publisher, 9, 1, 'docker', budget)
  const signed = sign(jobDocument, { ...draft, home: writer.chain }, publisher)
  const job = jobId(signed)
  const escrow = accounts.escrow(job)
  const priceMicro = priced(draft.resources, rates)
  const micro = metered(priceMicro, draft.resources.unitMs, 0)
  writer.write({ type: 'fences', below: 500 })
  const purse = accountOf(publisher.id)
  const funded = transfer({ type: 'fund', job }, purse, escrow, budget)
  writer.write({ ...fact, priceMicro, job: signed } as Fact, funded)
  const first = round(writer, { job, slots: [0, 1], code: 1, micro })
  const reopened = writer.entries.length
  writer.write({ type: 'reopen', job, unit: 0 })
  const second = round(writer, { job, slots: [2, 3], code: 0, micro })
  writer.time += 10_000
  const settled = (meters: readonly Metered[], to: (node: PeerId) => Account) => {
    for (const { purpose, slot, node } of meters) {
      const of = transferId(purpose)
      writer.write(transfer({ type: 'settle', of }, accounts.hold(job, 0, slot), to(node), micro))
    }
  }
  settled(first.meters, () => escrow)
  settled(second.meters, (node) => accountOf(node))
  writer.write(transfer({ type: 'refund', job }, escrow, purse, budget - 2 * micro))
  writer.write({ type: 'end', job, as: 'final' })
  return { writer, job, reopened, last: second.seq }
}

interface Metered {
  readonly purpose: Purpose
  readonly slot: number
  readonly node: PeerId
}

interface Round {
  readonly job: ReturnType<typeof jobId>
  readonly slots: readonly [number, number]
  readonly code: number
  readonly micro: number
}

/** Both nodes run the unit, each in a slot of its own, and say that it ended with this. */
function round(writer: Writer, { job, slots, code, micro }: Round) {
  const outcome = {
    ...{ v: 1 as const, job, unit: 0, outputs: [] },
    ended: { type: 'exit' as const, executor: 0, code },
  }
  const meters: Metered[] = []
  const receipts = nodes.map((node, i) => {
    const slot = slots[i] ?? 0
    const execution = { job, unit: 0, slot, epoch: 0, fence: 100 * (slots[0] + 1) + i }
    const purpose = { type: 'meter' as const, ...execution, interval: 0 }
    meters.push({ purpose, slot, node: node.id })
    writer.write(transfer(purpose, accounts.escrow(job), accounts.hold(job, 0, slot), micro))
    const said = {
      ...{ v: 1 as const, chain: writer.chain, ...execution, node: node.id as never },
      ...{ result: resultId(outcome), salt: new Uint8Array(32).fill(slot), issued: 1 },
    }
    const receipt = sign(receiptDocument, said, node)
    writer.write({ type: 'receipt', ...execution, sealed: receiptId(receipt) })
    return receipt
  })
  const seq = writer.entries.length
  writer.write({
    ...{ type: 'verdict' as const, job, unit: 0, receipts },
    decided: accepted(outcome, [...slots]),
  })
  return { meters, seq }
}

function transfer(purpose: Purpose, from: Account, to: Account, micro: number): Fact {
  return { type: 'transfer', purpose, from, to, micro }
}
