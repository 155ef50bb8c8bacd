import type { Effect } from '../core/effect.ts'

/** Outcomes of one unit: whether one is equal to one of the others, by the rules of their job. */
export type Comparison = Effect & { readonly type: 'compare' }

/**
 * Finds out which of the others an outcome is equal to, by slot; none if it is another. It has all
 * the time that the signal leaves it, fetches what it needs, and answers in the end.
 */
export type Compare = (comparison: Comparison, signal: AbortSignal) => Promise<number | undefined>

/** Takes each result that has other bytes for another: right where no data can be looked at. */
export const exactly: Compare = () => Promise.resolve(undefined)
