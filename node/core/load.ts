import { limits } from '@nexapod/specs'
import { type Allowance, allowanceOf } from './limits/allowance.ts'
import { type Load, type Offered, offeredNow } from './limits/offered.ts'
import { type Reason, reason } from './limits/reasons.ts'
import { usualMs } from './run-time.ts'
import type { Held, State } from './state.ts'

/** What a unit takes of the machine. */
export interface Needs {
  readonly cores: number
  readonly ramBytes: number
  readonly diskBytes: number
  readonly gpus: number
}

/** The same, while it is being counted. */
export type Tally = { -readonly [K in keyof Needs]: Needs[K] }

const unknown: Needs = { cores: 1, ramBytes: 0, diskBytes: 0, gpus: 0 }

/**
 * What a unit needs, as its job says; a core at least while the job is not known. The files of a
 * module lie in memory while it runs, and on the disk afterwards: they count as both.
 */
export function needsOf(state: State, { lease }: Held): Needs {
  const job = state.jobs.get(lease.job)
  if (job === undefined) return unknown
  const { resources, executors } = job
  if (executors[0]?.type !== 'wasm') return resources
  const { cores, ramBytes, diskBytes, gpus } = resources
  const files = Math.min(diskBytes, limits.wasmFileBytesMax)
  return { cores, ramBytes: ramBytes + files, diskBytes, gpus }
}

/** Whether a unit uses cores: what is being ended may do so until it is answered. */
function isRunning(held: Held): boolean {
  return held.stage === 'executing' || (held.stage === 'ending' && held.begunAt !== undefined)
}

/** Whether a unit waits for nothing of what is lent. */
function hasBegun({ stage }: Held): boolean {
  return stage === 'ending' || stage === 'executing' || stage === 'keeping'
}

/** What units that run use, and those that have begun hold. */
export function usedBy(state: State): Tally {
  const used: Tally = { cores: 0, ramBytes: 0, diskBytes: 0, gpus: 0 }
  const running = new Set<string>()
  const begun = new Set<string>()
  for (const held of state.held.values()) {
    const needs = needsOf(state, held)
    if (isRunning(held) && isFirst(held, running)) {
      used.cores += needs.cores
      used.gpus += needs.gpus
    }
    if (held.begunAt !== undefined && isFirst(held, begun)) used.ramBytes += needs.ramBytes
    if (held.stage !== 'leased') used.diskBytes += needs.diskBytes
  }
  return used
}

/** Whether a unit is the first of its lane: what is behind it uses nothing beside it. */
export function isFirst({ key, lane = key }: Held, lanes: Set<string>): boolean {
  if (lanes.has(lane)) return false
  lanes.add(lane)
  return true
}

/** What may be used now. */
export function allowed(state: State): Allowance {
  const { setting, limits: own, observations } = state
  const allowance = allowanceOf(setting.machine, own, observations, usedBy(state))
  if (state.order === 'lend' || state.order === 'finish') return allowance
  return { ...allowance, cores: 0, stops: [reason('paused'), ...allowance.stops] }
}

/** What is offered now to all coordinators together, or why nothing is. */
export function offered(state: State): Offered {
  const { setting, limits: own, observations } = state
  const now = offeredNow(setting.machine, own, observations, loadOf(state))
  const why = orderReasons(state)
  if (why.length === 0) return now
  return { offer: { ...now.offer, units: 0, windowMs: 0 }, reasons: [...why, ...now.reasons] }
}

function orderReasons({ order }: State): Reason[] {
  if (order === 'lend') return []
  return [reason(order === 'pause' ? 'paused' : 'finishing')]
}

function loadOf(state: State): Load {
  let coresWaiting = 0
  let unitsWaiting = 0
  let blocked = false
  const allowance = allowed(state)
  const unitMs = usualMs(state)
  for (const held of state.held.values()) {
    const needs = needsOf(state, held)
    // What does not fit at all now leaves its place to what does.
    if (hasBegun(held) || !fits(needs, allowance)) continue
    coresWaiting += needs.cores
    unitsWaiting++
    // What is ready and fits has not begun because others use what it needs.
    blocked ||= held.stage === 'ready'
  }
  return {
    used: usedBy(state),
    coresWaiting,
    unitsWaiting,
    blocked,
    leases: state.held.size,
    receiptsFree: limits.receiptsKeptMax - state.kept.size - state.held.size,
    ...(unitMs === undefined ? {} : { unitMs }),
    ...(state.answerMs === undefined ? {} : { answerMs: state.answerMs }),
  }
}

/** Whether a unit could run if it had all that is allowed to itself. */
export function fits(needs: Needs, allowance: Allowance): boolean {
  return (
    needs.cores <= allowance.cores &&
    needs.ramBytes <= allowance.ramBytes &&
    needs.diskBytes <= allowance.diskBytes &&
    needs.gpus <= allowance.gpus.length
  )
}
