import type { Execution, Job, NodeId, OwnerId, ReceiptId, ResultId } from '../../../specs/index.ts'
import { violated } from './violation.ts'

/** What one receipt of a unit said, when it was opened. */
export interface Vote {
  readonly node: NodeId
  readonly owner: OwnerId
  readonly result: ResultId
  /** The entry that opened it. */
  readonly seq: number
}

/** A unit, as its facts say. */
export interface UnitTally {
  isOpen: boolean
  /** As what it was decided last. */
  as?: string
  decidedAt: number
  /** The entry of its first verdict. */
  firstSeq?: number
  readonly sealed: Map<number, ReceiptId>
  readonly votes: Map<number, Vote>
  winners: readonly number[]
  /** Slots whose nodes were struck by this unit. */
  readonly struck: Set<number>
  /** Amounts in `hold/`, by slot. */
  readonly held: Map<number, number>
  /** Slots whose owners were paid, or whose nodes keep it until they have shown themselves. */
  readonly paid: Set<number>
}

/** A job, as its facts say. */
export interface JobTally {
  readonly job: Job
  readonly price: number | undefined
  readonly admittedAt: number
  readonly units: Map<number, UnitTally>
  /** The entry that cancelled it, or ended it: nothing of it is leased after that. */
  closedAt?: number
  isCancelled: boolean
  isEnded?: boolean
}

/** A unit of a job, which is open as long as nothing was said of it. */
export function unitOf({ units }: JobTally, unit: number): UnitTally {
  let tally = units.get(unit)
  if (tally === undefined) {
    tally = {
      isOpen: true,
      decidedAt: 0,
      sealed: new Map(),
      votes: new Map(),
      winners: [],
      struck: new Set(),
      held: new Map(),
      paid: new Set(),
    }
    units.set(unit, tally)
  }
  return tally
}

/** The entry by which an execution was decided, if it was: by a verdict, or with its job. */
export function decidedBy(
  job: JobTally | undefined,
  { unit, slot }: Execution,
): number | undefined {
  const tally = job?.units.get(unit)
  if (tally?.sealed.has(slot)) return job?.closedAt
  return tally?.votes.get(slot)?.seq ?? tally?.firstSeq ?? job?.closedAt
}

/** The vote in a slot, which has to be there. */
export function voteAt(votes: UnitTally['votes'], slot: number): Vote {
  return votes.get(slot) ?? violated(`slot ${slot} has no receipt`)
}
