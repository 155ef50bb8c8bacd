import type { Admission } from '../queue.ts'
import type { Asker } from '../search.ts'

export interface ModelJob extends Admission {
  readonly seq: number
  readonly admitted: number
  readonly project: ModelProject
  readonly line: string
  readonly fresh: Set<number>
  tail: 'ahead' | 'kept' | 'over'
  keptUntil: number
}

export interface ModelBegun {
  readonly job: ModelJob
  readonly unit: number
  readonly level: number
  seq: number
  slots: number
  held: readonly string[]
  kept: boolean
  readonly keptUntil: number
}

export interface Sharer {
  rank: number
  readonly weight: number
  wasOpen: boolean
}

export interface ModelPublisher extends Sharer {
  readonly id: string
  readonly pace: ModelPace
}

export interface ModelProject extends Sharer {
  readonly name: string
  readonly publisher: ModelPublisher
  idleSince: number | undefined
}

export interface ModelPace {
  readonly first: number
  readonly served: { window: number; reached: number }[]
}

/** The lists of sharers are in the order that they came in, and sorting keeps it between equals. */
export function inTurn(a: Sharer, b: Sharer): number {
  return a.rank - b.rank
}

export function reachedOf({ first, served }: ModelPace): number {
  return served.at(-1)?.reached ?? first
}

export function isOfLine(a: ModelJob, b: ModelJob): boolean {
  return a.project === b.project && a.line === b.line
}

export function isFor({ apart, swift }: Asker, { held, kept }: ModelBegun): boolean {
  return (swift || !kept) && !apart.some((one) => held.includes(one))
}

/** Whether two jobs of one line may be given one for the other. */
export function isBeside(a: ModelJob, b: ModelJob): boolean {
  if (!isOfLine(a, b) || a.priority !== b.priority) return false
  return (a.tail === 'kept') === (b.tail === 'kept')
}
