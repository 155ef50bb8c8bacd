import { Frontier } from '../../../ledger/index.ts'
import {
  type CoordinatorId,
  type Cosignature,
  checkpointDocument,
  checkpointId,
  cosignatureDocument,
  digestText,
  entryHash,
  leafHash,
  noEntry,
  type Opening,
  type Signed,
  type Signer,
  sign,
} from '../../../specs/index.ts'
import type { Push } from './network.ts'

/** What a follower has on its disk of another's chain, and has signed of it. */
export class Copy {
  readonly entries: Uint8Array[] = []
  readonly #open: Opening
  readonly #witness: Signer
  #frontier = new Frontier()
  /** What is on the disk: what came after it is lost in a crash. */
  #kept = { size: 0, peaks: [] as readonly Uint8Array[] }
  /** Epochs that were sealed, and where. */
  readonly #sealed = new Map<number, number>()

  constructor(open: Opening, witness: Signer) {
    this.#open = open
    this.#witness = witness
  }

  /** How many entries it has on its disk. */
  get size(): number {
    return this.#kept.size
  }

  /** Takes entries up to a checkpoint; false if they do not follow what is here. */
  take({ from, entries, checkpoint }: Push): boolean {
    if (from > this.entries.length) return false
    for (const bytes of entries.slice(this.entries.length - from)) {
      this.entries.push(bytes)
      this.#frontier.append(leafHash(bytes))
    }
    const opened = this.#open(checkpointDocument, checkpoint)
    if (!opened.ok) throw new Error(`a checkpoint that does not open: ${opened.refusal.code}`)
    const { epoch, size, root, head } = opened.value
    if (size < this.entries.length || size > (this.#sealed.get(epoch) ?? size)) return false
    const last = this.entries.at(-1)
    const isSame = last !== undefined && head === (entryHash(last) ?? noEntry)
    if (size === this.entries.length && isSame && root === digestText(this.#frontier.root())) {
      return true
    }
    throw new Error(`a checkpoint of ${size} entries contradicts the copy of a follower`)
  }

  /** All that was taken is on the disk now. */
  keep(): void {
    this.#kept = { size: this.#frontier.size, peaks: this.#frontier.peaks }
  }

  crash(): void {
    const { size, peaks } = this.#kept
    this.entries.length = size
    this.#frontier = new Frontier(size, peaks)
  }

  /** Signs that a checkpoint was seen, which is on the disk by now. */
  cosign(checkpoint: Push['checkpoint'], time: number): Signed<Cosignature> | undefined {
    const opened = this.#open(checkpointDocument, checkpoint)
    if (!opened.ok || opened.value.size > this.size) return undefined
    const { chain, epoch, size } = opened.value
    if (size > (this.#sealed.get(epoch) ?? size)) return undefined
    return sign(
      cosignatureDocument,
      {
        v: 1,
        chain,
        epoch,
        size,
        checkpoint: checkpointId(checkpoint),
        witness: this.#witness.id as CoordinatorId,
        time,
      },
      this.#witness,
    )
  }

  /** An epoch ends here: what others have of it is taken, and nothing beyond is ever signed. */
  seal(epoch: number, entries: readonly Uint8Array[]): void {
    for (const bytes of entries.slice(this.entries.length)) {
      this.entries.push(bytes)
      this.#frontier.append(leafHash(bytes))
    }
    this.keep()
    this.#sealed.set(epoch, entries.length)
  }
}
