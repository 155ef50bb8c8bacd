import type { Document, Entry, Opening, Signed } from '@nexapod/specs'
import type { Governance } from '../chain/stand.ts'
import type { Owed } from './owed.ts'
import { given } from './rule.ts'
import type { State } from './state.ts'

/** What a fact is learnt with: the state, and the entry and governance that it stands in. */
export interface Learning {
  readonly state: State
  readonly entry: Entry
  readonly governance: Governance
  /** How signed documents are opened. */
  readonly opening: Opening
  readonly owed: Owed
}

/** What a signed document in a fact says; the fact falls with it. */
export function opened<T>({ opening }: Learning, document: Document<T>, signed: Signed<T>): T {
  return given(opening(document, signed))
}
