import type { Account, Fact, Purpose } from '@nexapod/specs'

/** The fact that credit moves. */
export function transfer(
  purpose: Purpose,
  from: Account,
  to: Account,
  micro: number,
): Fact & { readonly type: 'transfer' } {
  return { type: 'transfer', purpose, from, to, micro }
}
