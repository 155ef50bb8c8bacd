import type { Lending } from './lending.ts'
import { allAgainst, stayMs } from './match.ts'
import type { Needs } from './needs.ts'
import { type Reason, reasons } from './reasons.ts'

/** How often a reason stands in the way. */
export interface Stands {
  readonly reason: Reason
  /** Of how many it is true. */
  readonly count: number
  /** Of how many it is the only one: so many more would fit without it. */
  readonly alone: number
  /** Of what is measured: where least is missing, how much is needed, and how much is lent. */
  readonly measure?: Measure
}

interface Measure {
  readonly needed: number
  readonly lent: number
}

/** How many fit, and what is against the others, the most frequent reason first. */
export interface Tally {
  readonly fit: number
  readonly against: readonly Stands[]
}

/** A class of jobs: what they need, and how many they are. */
export interface Class {
  readonly needs: Needs
  readonly jobs: number
}

/**
 * Why a job is waiting: how many nodes its units fit, and what is against the others. Of one unit,
 * those that have a part in it already are `apart` from it.
 */
export function whyWaiting(
  needs: Needs,
  lendings: Iterable<Lending>,
  apart: ReadonlySet<Lending> = nobody,
): Tally {
  const counts = new Counts()
  for (const lending of lendings) {
    const against = allAgainst(needs, lending)
    counts.add(apart.has(lending) ? [...against, 'apart'] : against, 1, { needs, lending })
  }
  return counts.tally()
}

const nobody: ReadonlySet<Lending> = new Set()

/** Why a node is idle: how many jobs fit it, and what is against the others. */
export function whyIdle(lending: Lending, classes: Iterable<Class>): Tally {
  const counts = new Counts()
  for (const { needs, jobs } of classes) {
    counts.add(allAgainst(needs, lending), jobs, { needs, lending })
  }
  return counts.tally()
}

const order = Object.keys(reasons) as Reason[]

/** What is needed and what is lent of what a reason measures; nothing if it measures nothing. */
function measureOf(reason: Reason, { needs, lending }: Pair): Measure | undefined {
  const { offer } = lending
  switch (reason) {
    case 'cores':
      return { needed: needs.cores, lent: offer.cores }
    case 'memory':
      return { needed: needs.ramBytes, lent: offer.ramBytes }
    case 'disk':
      return { needed: needs.diskBytes, lent: offer.diskBytes }
    case 'gpus':
      return { needed: needs.gpus, lent: offer.gpus.length }
    case 'window':
      return { needed: Math.ceil(stayMs(needs, lending)), lent: offer.windowMs }
    default:
      return undefined
  }
}

function missing({ needed, lent }: Measure): number {
  return needed - lent
}

/** A job, or a class of them, and a node that it may fit. */
interface Pair {
  readonly needs: Needs
  readonly lending: Lending
}

class Counts {
  #fit = 0
  readonly #counts = new Map<Reason, number>()
  readonly #alone = new Map<Reason, number>()
  readonly #measures = new Map<Reason, Measure>()

  add(against: readonly Reason[], times: number, pair: Pair): void {
    if (against.length === 0) this.#fit += times
    for (const reason of against) {
      this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + times)
      if (against.length === 1) this.#alone.set(reason, (this.#alone.get(reason) ?? 0) + times)
      const measure = measureOf(reason, pair)
      if (measure === undefined) continue
      const before = this.#measures.get(reason)
      if (before === undefined || missing(measure) < missing(before)) {
        this.#measures.set(reason, measure)
      }
    }
  }

  tally(): Tally {
    const counts = Array.from(this.#counts, ([reason, count]) => {
      const measure = this.#measures.get(reason)
      const alone = this.#alone.get(reason) ?? 0
      return { reason, count, alone, ...(measure && { measure }) }
    })
    const place = ({ reason }: Stands) => order.indexOf(reason)
    return {
      fit: this.#fit,
      against: counts.sort((a, b) => b.count - a.count || place(a) - place(b)),
    }
  }
}
