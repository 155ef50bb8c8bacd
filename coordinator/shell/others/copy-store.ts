import { rm } from 'node:fs/promises'
import { Ledger } from '@nexapod/ledger'
import { openStore, recover, repair, type Store } from '@nexapod/ledger/store'
import {
  type Answer,
  accept,
  type ChainId,
  checkpointDocument,
  decode,
  entryHash,
  type MeshId,
  open,
  signedSchema,
} from '@nexapod/specs'

const signedCheckpoint = signedSchema(checkpointDocument)
/** The row of the last checkpoint that was found true. */
const stoodKey = new TextEncoder().encode('stood')

/** Which chain is copied, and where to. */
export interface CopyPlace {
  readonly directory: string
  readonly chain: ChainId
  readonly mesh: MeshId
}

/** Keeps a checkpoint that was found true, in its bytes. */
export async function keepStood(store: Store, checkpoint: Uint8Array): Promise<Answer<unknown>> {
  return await store.give([{ key: stoodKey, value: checkpoint }])
}

/** The last checkpoint that was found true, if what is on the disk still is what it says. */
export async function stoodIn(store: Store): Promise<Uint8Array | undefined> {
  const row = await store.given(stoodKey)
  if (!row.ok || row.value === undefined) return undefined
  const stood = decode(signedCheckpoint, row.value)
  const opened = stood.ok ? open(checkpointDocument, stood.value) : stood
  if (!opened.ok || opened.value.size > store.tip.size) return undefined
  const { size, head } = opened.value
  const last = await store.entry(size - 1)
  return last.ok && entryHash(last.value) === head ? row.value : undefined
}

/** What the entries of a store add up to. What comes after them is another's, and looked at. */
export async function learnt(store: Store): Promise<Answer<Ledger>> {
  const known = await recover(store)
  if (!known.ok) return known
  const { chain, state } = known.value
  const { stand } = chain
  return accept(new Ledger(open, stand && { stand, state }))
}

/** Opens a store of which others have copies: what of it is damaged goes, and comes again. */
export async function soundStore({ directory, chain, mesh }: CopyPlace): Promise<Answer<Store>> {
  const opened = await openStore({ directory, chain, mesh })
  if (opened.ok || opened.refusal.code !== 'ledger.damaged') return opened
  const repaired = await repair(directory, [])
  if (repaired.ok && repaired.value.quarantine !== undefined) {
    await rm(repaired.value.quarantine, { recursive: true })
  }
  const again = await openStore({ directory, chain, mesh })
  if (again.ok || again.refusal.code !== 'ledger.damaged') return again
  await rm(directory, { recursive: true })
  return await openStore({ directory, chain, mesh })
}
