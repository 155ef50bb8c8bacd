import { Changes, type Governance, isChange, type Ledger } from '@nexapod/ledger'
import type { Store } from '@nexapod/ledger/store'
import {
  type Answer,
  accept,
  type Change,
  changeId,
  decode,
  entrySchema,
  type Mesh,
  refuse,
  type Signed,
} from '@nexapod/specs'
import { genesisIn } from '../founding.ts'

/**
 * Who governed a chain at a size: a change counts behind its entry. Beyond what is here it is who
 * governs at its end.
 */
export async function governanceAt(
  store: Store,
  ledger: Ledger,
  size: number,
): Promise<Answer<Governance>> {
  const unknown = refuse('ledger.unknown', { detail: 'nothing of it is here' })
  const last = ledger.chain.tip?.governance
  if (last === undefined) return unknown
  const isBeyond = (revision: number) => {
    return (ledger.state.changes.get(`${revision}`)?.seq ?? 0) >= size
  }
  let { revision } = last
  while (revision > 0 && isBeyond(revision)) revision--
  if (revision === last.revision) return accept(last)
  const genesis = await genesisIn(store)
  if (!genesis.ok) return genesis
  // Of a copy more may be learnt than is on the disk.
  if (genesis.value === undefined) return unknown
  const line = await lineOn(genesis.value.mesh, store, ledger, revision)
  return line.ok ? accept(line.value.governance) : line
}

/** The line of changes as it stands on a chain, up to a revision. */
export async function lineOn(
  founding: Signed<Mesh>,
  store: Store,
  ledger: Ledger,
  revision = ledger.chain.tip?.governance.revision ?? 0,
): Promise<Answer<Changes>> {
  const line = Changes.begin(founding)
  if (!line.ok) return line
  for (let at = 1; at <= revision; at++) {
    const change = await changeOn(store, ledger, at)
    if (!change.ok) return change
    const taken = line.value.take(change.value)
    if (!taken.ok) return taken
  }
  return line
}

/** The change with a revision, as it stands on a chain that has it. */
export async function changeOn(
  store: Store,
  { state }: Ledger,
  revision: number,
): Promise<Answer<Change>> {
  const row = state.changes.get(`${revision}`)
  if (row === undefined) throw new Error(`the chain has no change ${revision}`)
  const bytes = await store.entry(row.seq)
  if (!bytes.ok) return bytes
  const entry = decode(entrySchema, bytes.value)
  if (!entry.ok) return entry
  const change = entry.value.facts.find((fact) => isChange(fact) && changeId(fact) === row.id)
  if (change === undefined || !isChange(change)) throw new Error(`no change in entry ${row.seq}`)
  return accept(change)
}
