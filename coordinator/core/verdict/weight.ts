import { weights } from './weights.ts'

/** The lead that a result needs, in milli-nats: ln(1/eps) for eps of one in ten thousand. */
export const bar = 9210

/** The weight of a node with nothing left to show: just enough to decide alone. */
export const fullWeight = weights[weights.length - 1] ?? 0

/** The weight of a vote, in milli-nats, by the vouched passes of its node. */
export function weightOf(vouched: number): number {
  return weights[vouched] ?? fullWeight
}
