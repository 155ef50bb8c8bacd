import {
  type Answer,
  accept,
  type Checkpoint,
  type CoordinatorId,
  type Cosignature,
  checkpointDocument,
  checkpointId,
  cosignatureDocument,
  decode,
  open,
  type Signed,
  signedSchema,
} from '@nexapod/specs'
import type { Electorate } from '../chain/governance.ts'
import type { Store } from '../store/index.ts'
import { getUint, keptKinds } from '../store/row.ts'

/** A checkpoint that was signed here, and the cosignatures that are kept under it. */
export interface SignedHere {
  readonly checkpoint: Signed<Checkpoint>
  readonly opened: Checkpoint
  readonly cosignatures: readonly Signed<Cosignature>[]
  /** Who signed it: its author, then the witnesses. */
  readonly signers: readonly CoordinatorId[]
}

/** What was signed in a store, the last first. */
export async function signedHere(store: Store): Promise<Answer<SignedHere[]>> {
  const held = await store.held()
  if (!held.ok) return held
  const checkpoints = new Map<number, Signed<Checkpoint>>()
  const cosignatures = new Map<number, Signed<Cosignature>[]>()
  for (const { key, value } of held.value.rows) {
    if (value === undefined) continue
    if (key[1] === keptKinds.checkpoint) {
      const read = decode(signedSchema(checkpointDocument), value)
      if (!read.ok) return read
      checkpoints.set(getUint(key, 2), read.value)
    } else if (key[1] === keptKinds.cosignature) {
      const read = decode(signedSchema(cosignatureDocument), value)
      if (!read.ok) return read
      const size = getUint(key, 2)
      cosignatures.set(size, [...(cosignatures.get(size) ?? []), read.value])
    }
  }
  const all: SignedHere[] = []
  for (const [size, checkpoint] of [...checkpoints].sort(([a], [b]) => b - a)) {
    const opened = open(checkpointDocument, checkpoint)
    if (!opened.ok) return opened
    all.push(under(checkpoint, opened.value, cosignatures.get(size) ?? []))
  }
  return accept(all)
}

/** Who of a roster has signed a checkpoint, and who has not. */
export function votes({ members }: Electorate, { signers }: Pick<SignedHere, 'signers'>) {
  const all = members.map(({ coordinator }) => coordinator)
  return {
    signed: all.filter((one) => signers.includes(one)),
    missing: all.filter((one) => !signers.includes(one)),
  }
}

/** A checkpoint with those of its cosignatures that are of it: a witness may have seen another. */
function under(
  checkpoint: Signed<Checkpoint>,
  opened: Checkpoint,
  kept: readonly Signed<Cosignature>[],
): SignedHere {
  const id = checkpointId(checkpoint)
  const signers = [opened.coordinator]
  const cosignatures: Signed<Cosignature>[] = []
  for (const one of kept) {
    const cosignature = open(cosignatureDocument, one)
    if (!cosignature.ok || cosignature.value.checkpoint !== id) continue
    signers.push(cosignature.value.witness)
    cosignatures.push(one)
  }
  return { checkpoint, opened, cosignatures, signers }
}
