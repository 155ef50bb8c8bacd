import { type Governance, isChange, type Ledger } from '@nexapod/ledger'
import {
  type Answer,
  type AnswerMessage,
  accept,
  type Change,
  changeId,
  decode,
  entrySchema,
  type Question,
  refuse,
} from '@nexapod/specs'
import type { Feed } from './feed.ts'

/** What is answered to whoever asks for the changes of a mesh: the one after a revision. */
export async function changesAfter(
  { mesh, after }: Question & { readonly type: 'changes' },
  { ledger, feed }: { readonly ledger: Ledger; readonly feed: Feed },
): Promise<Answer<AnswerMessage>> {
  const { tip } = ledger.chain
  if (tip?.governance.mesh !== mesh) return refuse('wire.mesh')
  const { revision } = tip.governance
  const change = await changeOf(after + 1, tip.governance, { ledger, feed })
  if (!change.ok) return change
  const { value } = change
  return accept({ type: 'changes', revision, ...(value === undefined ? {} : { change: value }) })
}

/** The change with a revision, as it stands on the chain. */
async function changeOf(
  wanted: number,
  { revision }: Governance,
  { ledger, feed }: { readonly ledger: Ledger; readonly feed: Feed },
): Promise<Answer<Change | undefined>> {
  const row = wanted > revision ? undefined : ledger.state.changes.get(`${wanted}`)
  if (row === undefined) return accept(undefined)
  const bytes = await feed.read(() => feed.store.entry(row.seq))
  if (!bytes.ok) return bytes
  const entry = decode(entrySchema, bytes.value)
  if (!entry.ok) return entry
  const change = entry.value.facts.find((fact) => isChange(fact) && changeId(fact) === row.id)
  if (change === undefined || !isChange(change)) throw new Error(`no change in entry ${row.seq}`)
  return accept(change)
}
