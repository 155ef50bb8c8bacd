import { type Ledger, openCosigned, stateRoot } from '../../../ledger/index.ts'
import {
  type Checkpoint,
  type CoordinatorId,
  type Cosignature,
  checkpointDocument,
  checkpointId,
  cosignatureDocument,
  type Digest,
  limits,
  type Signed,
  sign,
} from '../../../specs/index.ts'
import type { Writer } from './cast.ts'
import type { WriterEnd } from './network.ts'
import type { Scene } from './scene.ts'

/** What a checkpoint will say, as it was found when its last entry was written. */
export type Candidate = Omit<Checkpoint, 'time' | 'v'>

/** A checkpoint with the cosignatures of a quorum. */
export interface Cosigned {
  readonly checkpoint: Signed<Checkpoint>
  readonly cosignatures: readonly Signed<Cosignature>[]
  readonly size: number
}

interface Open {
  readonly checkpoint: Signed<Checkpoint>
  readonly size: number
  readonly head: Digest
  readonly cosignatures: Map<CoordinatorId, Signed<Cosignature>>
}

/** What the checkpoint of a ledger will say, if it is made at this size. */
export function candidateOf({ chain, state }: Ledger): Candidate {
  const { stand } = chain
  if (stand === undefined) throw new Error('a chain without its genesis has no checkpoint')
  const { chain: id, epoch, size, coordinator, head } = stand
  return { chain: id, epoch, size, coordinator, head, root: chain.root(), state: stateRoot(state) }
}

/** Signs where a chain stands, sends entries to its followers and collects what they sign. */
export class Notary {
  readonly #scene: Scene
  readonly #writer: Writer
  /** The entries of the chain, of which those below the last checkpoint are on the disk. */
  readonly #entries: readonly Uint8Array[]
  readonly #cosigned: (cosigned: Cosigned) => void
  readonly #followers = new Map<WriterEnd, number>()
  readonly #open = new Map<Digest, Open>()
  #last: Open | undefined
  /** Below this, a quorum has signed. */
  #covered = 0

  constructor(
    scene: Scene,
    writer: Writer,
    entries: readonly Uint8Array[],
    cosigned: (cosigned: Cosigned) => void,
  ) {
    this.#scene = scene
    this.#writer = writer
    this.#entries = entries
    this.#cosigned = cosigned
  }

  /** Somebody follows from now on: first it says how much it has. */
  join(end: WriterEnd): void {
    end.ear = {
      hear: (pulls) => {
        for (const { has, cosignature } of pulls) {
          if (cosignature !== undefined) this.#sign(cosignature)
          if (this.#followers.has(end)) continue
          this.#followers.set(end, has)
          this.#push(end)
        }
      },
      closed: () => this.#followers.delete(end),
    }
  }

  /** All entries below a candidate are on the disk: it is signed, and shown to the followers. */
  publish(candidate: Candidate, time: number): void {
    const checkpoint = sign(checkpointDocument, { v: 1, time, ...candidate }, this.#writer.signer)
    const { size, head } = candidate
    this.#last = { checkpoint, size, head, cosignatures: new Map() }
    this.#open.set(checkpointId(checkpoint), this.#last)
    this.#settle(this.#last)
    for (const end of this.#followers.keys()) this.#push(end)
  }

  #push(end: WriterEnd): void {
    const from = this.#followers.get(end) ?? 0
    if (this.#last === undefined || from > this.#last.size) return
    const { checkpoint, size, head } = this.#last
    const to = Math.min(size, from + limits.entriesPerAskMax)
    end.say([{ from, entries: this.#entries.slice(from, to), checkpoint, head }])
    this.#followers.set(end, size)
  }

  #sign(signed: Signed<Cosignature>): void {
    const opened = this.#scene.open(cosignatureDocument, signed)
    if (!opened.ok) throw new Error(`a witness signed badly: ${opened.refusal.code}`)
    const open = this.#open.get(opened.value.checkpoint)
    if (open === undefined) return
    open.cosignatures.set(opened.value.witness, signed)
    this.#settle(open)
  }

  #settle({ checkpoint, size, cosignatures }: Open): void {
    const { roster } = this.#scene.founded
    if (size <= this.#covered || cosignatures.size + 1 < roster.quorum) return
    const signed = [...cosignatures.values()]
    const opened = openCosigned(roster, checkpoint, signed)
    if (!opened.ok) throw new Error(`cosignatures that do not count: ${opened.refusal.detail}`)
    this.#covered = size
    for (const [id, one] of this.#open) if (one.size <= size) this.#open.delete(id)
    this.#cosigned({ checkpoint, cosignatures: signed, size })
  }
}
