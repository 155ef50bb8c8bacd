import type { Digest } from '../id/id.ts'
import { limits } from '../limits.ts'
import type { Answer } from '../refusal/refusal.ts'
import { oneOf } from '../schema/one-of.ts'
import type { Infer } from '../schema/schema.ts'
import { idOf, type Opening, open, signedSchema } from '../signed/signed.ts'
import { type RateCard, type Roster, rateCardDocument, rosterDocument } from './mesh.ts'

/** What changes who governs, in a fact or on the wire: a roster, or a rate card. */
export const changeFields = {
  roster: { roster: signedSchema(rosterDocument, limits.rosterMax) },
  rates: { rates: signedSchema(rateCardDocument, limits.rosterMax) },
}

/** The schema of a change. */
export const changeSchema = oneOf(changeFields)

/** A change of the roster or of the rate card, as it was signed: the fact of it is the same. */
export type Change = Infer<typeof changeSchema>

/** What a change says, once its signatures were looked at. */
export function openChange(change: Change, opening: Opening = open): Answer<Roster | RateCard> {
  if (change.type === 'roster') return opening(rosterDocument, change.roster)
  return opening(rateCardDocument, change.rates)
}

/** What a change is called by: the next one names it so. */
export function changeId(change: Change): Digest {
  if (change.type === 'roster') return idOf(rosterDocument, change.roster.body)
  return idOf(rateCardDocument, change.rates.body)
}
