import { wilson } from './wilson.ts'

/** How often somebody was right and wrong, as it counts at an instant. */
export interface Counted {
  /** In thousandths, because what is old counts for a part. */
  readonly right: number
  readonly wrong: number
  /** The last day that was counted, since 1970 in UTC. */
  readonly day: number
}

/** The record of somebody of whom nothing is known. */
export const noRecord: Counted = { right: 0, wrong: 0, day: 0 }

const one = 1000
const dayMs = 24 * 60 * 60 * 1000
/** What is left of a count after a day: half of it after ninety. */
const keptDaily = 0.992328

/** The record after a verdict in which somebody was right, or wrong. */
export function recorded(was: Counted, isRight: boolean, at: number): Counted {
  const now = aged(was, at)
  return isRight ? { ...now, right: now.right + one } : { ...now, wrong: now.wrong + one }
}

/**
 * A record as it counts later. It ages at midnight and not from instant to instant, so that it is
 * the same however often somebody looks, and needs no power that engines round differently.
 */
export function aged(was: Counted, at: number): Counted {
  const today = Math.floor(at / dayMs)
  let { right, wrong, day } = was
  for (; day < today && right + wrong > 0; day++) {
    right = Math.floor(right * keptDaily)
    wrong = Math.floor(wrong * keptDaily)
  }
  return { right, wrong, day: Math.max(day, today) }
}

/** The reputation that is shown, from 0 to 1: as often as this, at least, somebody is right. */
export function shown(record: Counted, at: number): number {
  const { right, wrong } = aged(record, at)
  return wilson(right / one, (right + wrong) / one).least
}
