import {
  type Answer,
  type AnswerMessage,
  accept,
  type Beacon,
  beaconDocument,
  type Checkpoint,
  type CoordinatorId,
  checkpointDocument,
  checkpointId,
  cosignatureDocument,
  open,
  refuse,
} from '@nexapod/specs'
import type { Callers } from './callers.ts'

/** What a coordinator said of a chain that it writes, and when it was asked and had answered. */
export interface Looked {
  readonly coordinator: CoordinatorId
  readonly beacon: Answer<Beacon>
  readonly from: number
  readonly till: number
}

/** A checkpoint, and which coordinators have signed it. */
export interface Stand {
  readonly checkpoint: Checkpoint
  readonly signers: readonly CoordinatorId[]
}

/** Asks each coordinator of the invitation for a sign of life, of each chain that it writes. */
export async function look(callers: Callers, signal: AbortSignal): Promise<readonly Looked[]> {
  const looks = callers.keys.map(async (coordinator): Promise<readonly Looked[]> => {
    const from = Date.now()
    const said = await callers.askSoon(coordinator, { type: 'beacons' }, signal)
    const till = Date.now()
    if (!said.ok) return [{ coordinator, beacon: said, from, till }]
    const beacons = said.value.beacons.map((one) => open(beaconDocument, one))
    // Who comes back to a chain that others sealed meanwhile is there, and writes none.
    if (beacons.length === 0) beacons.push(refuse('ledger.sealed'))
    return beacons.map((beacon) => ({ coordinator, beacon, from, till }))
  })
  return (await Promise.all(looks)).flat()
}

/** The last checkpoint of each chain that somebody writes who is there, and who has signed it. */
export async function stands(
  callers: Callers,
  signal: AbortSignal,
): Promise<readonly (Looked & { readonly stand?: Stand })[]> {
  const looks = await look(callers, signal)
  const found = looks.map(async (looked) => {
    if (!looked.beacon.ok) return looked
    const question = { type: 'stand', chain: looked.beacon.value.chain } as const
    const said = await callers.askSoon(looked.coordinator, question, signal)
    // One that is young has none yet.
    const stand = said.ok ? standOf(said.value) : said
    return stand.ok ? { ...looked, stand: stand.value } : looked
  })
  return await Promise.all(found)
}

function standOf(said: AnswerMessage & { readonly type: 'stand' }): Answer<Stand> {
  const checkpoint = open(checkpointDocument, said.checkpoint)
  if (!checkpoint.ok) return checkpoint
  const id = checkpointId(said.checkpoint)
  const witnesses = said.cosignatures.flatMap((one) => {
    const cosignature = open(cosignatureDocument, one)
    return cosignature.ok && cosignature.value.checkpoint === id ? [cosignature.value.witness] : []
  })
  const signers = [...new Set([checkpoint.value.coordinator, ...witnesses])]
  return accept({ checkpoint: checkpoint.value, signers })
}
