import { type ChainId, type JobId, keyOf, type NodeId, type OwnerId } from '../id/id.ts'
import type { Place } from '../schema/place.ts'
import type { Schema } from '../schema/schema.ts'
import { text } from '../schema/text.ts'
import { where } from '../schema/where.ts'

declare const account: unique symbol

/** Where credit is: its text is its key in the ledger. */
export type Account = string & { readonly [account]: true }

const key = '12D3KooW[1-9A-HJ-NP-Za-km-z]{44}'
const hash = '[0-9a-f]{64}'
const kinds = [
  'mint',
  'slash',
  `owner/${key}`,
  `bond/${key}`,
  `escrow/${hash}`,
  `hold/${hash}/(?:0|[1-9][0-9]{0,6})/(?:[0-9]|1[0-5])`,
  `bridge/${hash}/${hash}`,
]

/** A bridge has the longest text: two digests. */
const longest = 'bridge/'.length + 64 + 1 + 64

const known = text({
  pattern: `^(?:${kinds.join('|')})$`,
  name: 'an account: mint, slash, owner/, bond/, escrow/, hold/ or bridge/ and what it is of',
  max: longest,
})

/** The schema of an account. */
export const accountSchema = where(known, (text: string, place: Place) => {
  const at = text.indexOf('12D3KooW')
  if (at !== -1 && keyOf(text.slice(at)) === undefined) {
    place.fault('document.form', 'expected an Ed25519 PeerId at the end')
  }
}) as unknown as Schema<Account>

/** The accounts that there are. */
export const accounts = {
  /** Where credit comes from: its balance is what was ever given, below 0. */
  mint: 'mint' as Account,
  /** Where forfeited credit goes. */
  slash: 'slash' as Account,
  owner: (owner: OwnerId) => `owner/${owner}` as Account,
  /** What a new node leaves, and what it earned, until it has shown itself. */
  bond: (node: NodeId) => `bond/${node}` as Account,
  /** What a publisher set aside for a job. */
  escrow: (job: JobId) => `escrow/${job}` as Account,
  /** What an execution earned and may still lose; whose it was is not to be seen until it ends. */
  hold: (job: JobId, unit: number, slot: number) => `hold/${job}/${unit}/${slot}` as Account,
  /** What left one chain for another. */
  bridge: (from: ChainId, to: ChainId) => `bridge/${from}/${to}` as Account,
}
