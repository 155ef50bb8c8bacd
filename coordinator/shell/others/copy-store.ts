import { rm } from 'node:fs/promises'
import { Ledger } from '@nexapod/ledger'
import { openStore, recover, repair, type Store } from '@nexapod/ledger/store'
import {
  type Answer,
  accept,
  type ChainId,
  checkpointDocument,
  decode,
  encode,
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

/**
 * The last checkpoint that was found true, if what is on the disk still is what it says. Of a chain
 * that was written here before, that is as well what was signed here last: others may have lost it.
 */
export async function stoodIn(store: Store): Promise<Uint8Array | undefined> {
  const row = await store.given(stoodKey)
  const signed = await store.gate.latest()
  const all = [
    ...(row.ok && row.value ? [row.value] : []),
    ...(signed.ok && signed.value ? [encode(signedCheckpoint, signed.value)] : []),
  ]
  let stood: { readonly bytes: Uint8Array; readonly size: number } | undefined
  for (const bytes of all) {
    const size = await trueSizeOf(store, bytes)
    if (size > (stood?.size ?? 0)) stood = { bytes, size }
  }
  return stood?.bytes
}

/** How many entries of a store a checkpoint is of; 0 if they are others. */
async function trueSizeOf(store: Store, bytes: Uint8Array): Promise<number> {
  const stood = decode(signedCheckpoint, bytes)
  const opened = stood.ok ? open(checkpointDocument, stood.value) : stood
  if (!opened.ok || opened.value.size > store.tip.size) return 0
  const { size, head } = opened.value
  const last = await store.entry(size - 1)
  return last.ok && entryHash(last.value) === head ? size : 0
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
