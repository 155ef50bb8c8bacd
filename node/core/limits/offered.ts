import { limits as bounds, type Offer } from '@nexapod/specs'
import { type Allowance, allowanceOf, type Used } from './allowance.ts'
import type { Limits } from './limits.ts'
import type { Machine, Observations } from './observations.ts'
import { type Reason, reason } from './reasons.ts'

/** What a node holds already, as far as it says how much more it can take. */
export interface Load {
  /** What units use that have begun, and are not ended yet. */
  readonly used: Used
  /** Cores of units that will run when they can. */
  readonly coresWaiting: number
  /** Units that will run when they can. */
  readonly unitsWaiting: number
  /** Whether one of them could run now but for what others use. */
  readonly blocked: boolean
  /** Leases that are held. */
  readonly leases: number
  /** Receipts that there is still room for. */
  readonly receiptsFree: number
  /** How long a unit takes here, if that is known. */
  readonly unitMs?: number
  /** How long a lease takes to come, if that is known. */
  readonly answerMs?: number
}

/** What a node lends now: an offer, and if it is for no unit, why. */
export interface Offered {
  readonly offer: Offer
  readonly reasons: readonly Reason[]
}

/** What a node lends at this moment, or the reasons why it lends nothing. */
export function offeredNow(
  machine: Machine,
  limits: Limits,
  observed: Observations,
  load: Load,
): Offered {
  const allowance = allowanceOf(machine, limits, observed, load.used)
  const { cores, gpus, tier, executors } = allowance
  const { ramBytes, diskBytes } = roomForFiles(allowance)
  const reasons = [
    ...allowance.stops,
    ...allowance.holds,
    ...(load.receiptsFree > 0 ? [] : [reason('spool')]),
  ]
  const room = reasons.length > 0 ? 0 : roomOf(cores, load)
  return {
    offer: {
      v: 1,
      node: machine.node,
      tier,
      platform: machine.platform,
      ...(machine.country === undefined ? {} : { country: machine.country }),
      // An offer for no unit is one all the same, and has to be well formed.
      cores: Math.max(1, cores),
      ramBytes: Math.max(1, ramBytes),
      diskBytes,
      gpus,
      executors: executors.length > 0 ? executors : machine.executors,
      units: room,
      // What is given here takes longer by the clock where a part of each core is lent.
      windowMs: room > 0 ? Math.ceil((allowance.windowMs * allowance.cpuPercent) / 100) : 0,
      projects: limits.projects,
      ...(limits.publishers.length === 0 ? {} : { publishers: limits.publishers }),
      avoids: limits.avoids,
      has: observed.has.slice(0, bounds.offerListMax),
    },
    reasons: room > 0 || reasons.length > 0 ? reasons : [reason('full')],
  }
}

/**
 * The files of a module lie in memory. So a part of it is kept for them, as much as a unit may have
 * of files, or half if that is not there: what fits the offer then has room for both.
 */
function roomForFiles({ ramBytes, diskBytes, executors }: Allowance) {
  if (executors.every(({ type }) => type !== 'wasm')) return { ramBytes, diskBytes }
  const files = Math.min(bounds.wasmFileBytesMax, Math.floor(ramBytes / 2))
  const isEnough = files === bounds.wasmFileBytesMax
  return {
    ramBytes: ramBytes - files,
    diskBytes: isEnough ? diskBytes : Math.min(diskBytes, files),
  }
}

/**
 * How many more units: as many as there are cores for, and what is computed while a lease is on its
 * way, twice over: more would wait here at the end of a job, when others have nothing to do. None
 * ahead of long units, and of those that may be: they would only wait here. None while
 * one waits for room: there would be none for the next either.
 */
function roomOf(cores: number, load: Load): number {
  const { unitMs = Number.POSITIVE_INFINITY, answerMs, unitsWaiting, blocked } = load
  const inTime = Math.floor((cores * bounds.aheadMs) / (unitMs + 1))
  const needed = answerMs === undefined ? inTime : Math.ceil((cores * 2 * answerMs) / (unitMs + 1))
  const ahead = Math.min(inTime, needed, cores * bounds.aheadPerCoreMax)
  const free = cores - load.used.cores - load.coresWaiting
  const room = ahead + (blocked ? -unitsWaiting : free)
  return Math.max(0, Math.min(room, bounds.leasesPerNodeMax - load.leases, load.receiptsFree))
}
