import type { JobNeeds, Needs, Trust } from '../../match/needs.ts'
import type { Wanted } from '../../verdict/vote.ts'
import type { Policy } from '../policy.ts'
import type { Admission } from '../queue.ts'
import type { Asker } from '../search.ts'

export interface ModelJob extends Omit<Admission, 'needs'> {
  needs: JobNeeds
  line: string
  readonly seq: number
  readonly admitted: number
  readonly project: ModelProject
  readonly fresh: Set<number>
  readonly begun: Map<number, ModelBegun>
  tail: 'ahead' | 'kept' | 'over'
  keptUntil: number
}

export interface ModelBegun {
  readonly job: ModelJob
  readonly unit: number
  readonly level: number
  readonly kept: boolean
  readonly keptUntil: number
  held: readonly string[]
  waits: ModelWait[]
}

export interface ModelWait {
  readonly begun: ModelBegun
  readonly trust: Trust
  readonly platform: string | undefined
  readonly seq: number
  wanted: Wanted[]
}

/** What may be given to a node: a unit that waits, or the next fresh one of a job. */
export type ModelFound = { readonly job: ModelJob; readonly wait?: ModelWait }

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

/** Whether two jobs of one line may be given one for the other. */
function isBeside(a: ModelJob, b: ModelJob): boolean {
  if (!isOfLine(a, b) || a.priority !== b.priority) return false
  return (a.tail === 'kept') === (b.tail === 'kept')
}

export function trustOf({ from }: Wanted): Trust {
  return from === 'any' ? 0 : from === 'anchor' ? 1 : 2
}

/** What waits, in lists of what is alike, in no order. */
export function listsOf(waits: readonly ModelWait[]): ModelWait[][] {
  const keyOf = ({ begun, trust, platform }: ModelWait) => {
    return `${begun.job.line} ${begun.level} ${begun.kept} ${trust} ${platform}`
  }
  return Object.values(Object.groupBy(waits, keyOf)).map((list = []) =>
    list.toSorted((a, b) => a.seq - b.seq),
  )
}

function hardness([wait]: readonly ModelWait[]): number {
  return wait === undefined ? 0 : wait.trust + (wait.platform === undefined ? 0 : 1)
}

/** Of lists the hardest to place first, then by level, and then whose oldest is the oldest. */
export function hardestFirst(a: readonly ModelWait[], b: readonly ModelWait[]): number {
  const level = ([wait]: readonly ModelWait[]) => wait?.begun.level ?? 0
  const seq = ([wait]: readonly ModelWait[]) => wait?.seq ?? 0
  return hardness(b) - hardness(a) || level(b) - level(a) || seq(a) - seq(b)
}

/** Whether a node may have anything of a list, as far as it does not depend on its owner. */
export function suits({ fits, swift }: Asker, [wait]: readonly ModelWait[]): boolean {
  if (wait === undefined || (wait.begun.kept && !swift)) return false
  const { trust, platform } = wait
  const asked: Pick<Needs, 'trust' | 'platform'> = { trust, ...(platform ? { platform } : {}) }
  return fits({ ...wait.begun.job.needs, ...asked }) === undefined
}

/**
 * All that may be given where lists are looked at in this order and something fresh comes after
 * them: a list is passed over if a draw may miss it.
 */
export function choices(
  { apart }: Asker,
  lists: readonly (readonly ModelWait[])[],
  fresh: ModelJob | undefined,
  openMin: number,
): ModelFound[] {
  const found: ModelFound[] = []
  for (const list of lists) {
    const free = list.filter(({ begun }) => !apart.some((one) => begun.held.includes(one)))
    found.push(...free.map((wait) => ({ job: wait.begun.job, wait })))
    if (free.length === list.length && list.length >= openMin) return found
  }
  return fresh === undefined ? found : [...found, { job: fresh }]
}

/** The job whose fresh units are next for a node. */
export function freshOf(
  project: ModelProject,
  jobs: readonly ModelJob[],
  asker: Asker,
): ModelJob | undefined {
  const open = jobs.filter(
    (job) =>
      job.project === project &&
      job.fresh.size > 0 &&
      asker.fits(job.needs) === undefined &&
      (job.tail !== 'kept' || asker.swift),
  )
  const [first] = open.sort((a, b) => b.priority - a.priority || a.seq - b.seq)
  if (first === undefined) return undefined
  const near = asker.near.map((id) => open.find((job) => job.id === id))
  return near.find((job) => job && isBeside(job, first)) ?? first
}

export function isTail({ units, fresh }: ModelJob, policy: Policy): boolean {
  const tail = Math.min(Math.floor((units * policy.tailPermille) / 1000), policy.tailUnitsMax)
  return tail > 0 && fresh.size <= tail
}

export function isUrgent(job: ModelJob, { pacePermille }: Policy, now: number): boolean {
  const { deadline, admitted, units, fresh } = job
  if (deadline === undefined || now >= deadline) return false
  const paceMs = Math.floor(((deadline - admitted) * pacePermille) / 1000)
  const next = Math.min(units, units - fresh.size + 1)
  return admitted + Math.floor((paceMs * next) / units) <= now
}
