import { balanceOf } from '@nexapod/ledger'
import { accounts, limits, metered, transferId } from '@nexapod/specs'
import type { Live } from './book.ts'
import { rowOf } from './jobs.ts'
import { executionOf } from './state.ts'
import { transfer } from './transfers.ts'
import type { Turn } from './turn.ts'

/**
 * Debits a funded job for the next interval of a running container. False if its escrow is empty:
 * then the container has to stop.
 */
export function meter(turn: Turn, live: Live): boolean {
  const { state, at } = turn
  const { unit, slot, epoch, fence } = live
  const { job, number } = unit
  const { executor, funded } = rowOf(state, job)
  if (executor.type !== 'docker' || !funded || live.over) return true
  const { priceMicro, unitMs } = executor
  const micro = metered(priceMicro, unitMs, live.intervals)
  const from = accounts.escrow(job.id)
  if (micro > balanceOf(state.ledger.state, from)) return false
  if (micro > 0) {
    const interval = live.intervals
    const purpose = { type: 'meter' as const, ...executionOf(unit, live), interval }
    turn.note([transfer(purpose, from, accounts.hold(job.id, number, slot), micro)])
    unit.meters.push({ id: transferId(purpose), slot, epoch, fence, micro })
  }
  live.intervals++
  if (live.intervals * limits.meterMs < unitMs) {
    state.timers.add(at + limits.meterMs, { type: 'meter', live })
  }
  return true
}
