import { forkProof } from '@nexapod/ledger'
import {
  type Checkpoint,
  checkpointDocument,
  decode,
  encode,
  entryHash,
  forkSchema,
  open,
  type Refusal,
  refusals,
  signedSchema,
} from '@nexapod/specs'
import { Auditor, type Checked, type Cosigned } from './auditor.ts'
import type { Shelf } from './shelf.ts'
import type { Source } from './source.ts'
import type { Alarm, Standing } from './told.ts'

const signedCheckpoint = signedSchema<Checkpoint>(checkpointDocument)

/** Between two writes of what is kept: it is as large as the state of the chain. */
const keepMs = 10_000

const nothing: Standing = {
  ...{ phase: 'begins', size: 0, target: 0, resumed: 0, signatures: 0, ms: 0, read: 0 },
}

/** The reading of a coordinator's chain, from its first entry to its last checkpoint and on. */
export class Reading {
  standing: Standing = nothing
  auditor = Auditor.fresh()
  /** The checkpoint that was verified last. */
  last: Cosigned | undefined
  readonly #source: Source
  readonly #shelf: Pick<Shelf, 'get' | 'put'>
  readonly #tell: (standing: Standing) => void
  #keptAt = 0
  #keptSize = 0

  constructor(
    source: Source,
    shelf: Pick<Shelf, 'get' | 'put'>,
    tell: (standing: Standing) => void,
  ) {
    this.#source = source
    this.#shelf = shelf
    this.#tell = tell
  }

  /** Reads what is new; gives whether the coordinator answered. After an alarm it reads no more. */
  async goOn(now: () => number): Promise<boolean> {
    if (this.standing.alarm !== undefined) return true
    const length = await this.#source.length()
    if (!length.ok) return this.#away(length.problem.code)
    const { chain, size, checkpointed } = length.value
    if (this.standing.chain === undefined) await this.#takeUp(chain)
    const { standing } = this
    if (standing.chain !== chain && this.auditor.size > 0) {
      return this.#alarm('gap', { code: 'chain.link', detail: 'it serves another chain now' })
    }
    if (size < this.auditor.size) {
      const detail = `${this.auditor.size} entries were verified here, and it has ${size}`
      return this.#alarm('gap', { code: 'chain.link', detail })
    }
    // So it is before the first checkpoint, and for a moment after each start.
    if (checkpointed === 0) return this.#say({ phase: 'young' })
    const said = await this.#source.checkpoint()
    if (!said.ok) return this.#away(said.problem.code)
    if (!said.value.ok) return this.#alarm('checkpoint', said.value.refusal)
    const cosigned = said.value.value
    const signed = open(checkpointDocument, cosigned.checkpoint)
    if (!signed.ok) return this.#alarm('checkpoint', signed.refusal)
    return await this.#readTo(signed.value.size, cosigned, now)
  }

  /** Begins where an earlier visit ended, if that can be read. */
  async #takeUp(chain: string): Promise<void> {
    const kept = await this.#shelf.get(chain)
    const auditor = kept === undefined ? undefined : Auditor.from(kept)
    if (kept !== undefined && auditor?.ok) {
      this.auditor = auditor.value
      const checkpoint = decode(signedCheckpoint, kept.checkpoint)
      if (checkpoint.ok) this.last = { checkpoint: checkpoint.value, cosignatures: [] }
    }
    this.#say({ phase: 'reads', chain, resumed: this.auditor.size })
  }

  async #readTo(size: number, cosigned: Cosigned, now: () => number): Promise<boolean> {
    const before = this.standing
    const began = now()
    const first = this.auditor.size
    if (size < first) {
      const detail = `its checkpoint is of ${size} entries, and ${first} were verified here`
      return this.#alarm('gap', { code: 'chain.link', detail })
    }
    if (size > first) this.#say({ phase: 'reads', target: size })
    while (this.auditor.size < size) {
      const page = await this.#source.entries(this.auditor.size, size)
      if (!page.ok) {
        const { code } = page.problem
        // The coordinator has found itself that its ledger is damaged.
        if (code.startsWith('ledger.')) return this.#alarm('entry', { code: 'ledger.damaged' })
        return this.#away(code)
      }
      if (page.value.length === 0) {
        const detail = `entry ${this.auditor.size} is missing below a checkpoint`
        return this.#alarm('gap', { code: 'chain.link', detail })
      }
      const taken = await this.auditor.take(page.value)
      if (!taken.ok) return await this.#wrong(taken.refusal, cosigned)
      const read = before.read + this.auditor.size - first
      this.#say({ phase: 'reads', read, ms: before.ms + now() - began })
    }
    const checked = this.auditor.check(cosigned)
    if (!checked.ok) return await this.#wrong(checked.refusal, cosigned)
    this.last = cosigned
    const { mesh } = this.auditor.governance ?? {}
    this.#say({
      ...{ phase: 'level', target: size, sealed: sealedOf(checked.value) },
      ...(mesh === undefined ? {} : { mesh }),
    })
    await this.#keep(cosigned, now())
    return true
  }

  async #keep({ checkpoint }: Cosigned, time: number): Promise<void> {
    const { chain, size } = this.standing
    if (chain === undefined || size === this.#keptSize || time - this.#keptAt < keepMs) return
    const kept = this.auditor.keep()
    if (kept === undefined) return
    this.#keptAt = time
    this.#keptSize = size
    await this.#shelf.put({
      ...kept,
      ...{ chain, checkpoint: encode(signedCheckpoint, checkpoint), at: time },
    })
  }

  /** What is wrong with an entry or a checkpoint; if it is a fork, with the proof of it. */
  async #wrong(refusal: Refusal, cosigned: Cosigned): Promise<true> {
    const evidence = await this.#forkIn(cosigned)
    if (evidence !== undefined) return this.#alarm('fork', refusal, evidence)
    const kind = refusal.code.startsWith('signature.')
      ? 'signature'
      : refusal.code === 'chain.checkpoint'
        ? 'checkpoint'
        : 'entry'
    return this.#alarm(kind, refusal)
  }

  async #forkIn({ checkpoint: other }: Cosigned): Promise<Uint8Array | undefined> {
    const one = this.last?.checkpoint
    if (one === undefined) return undefined
    const [a, b] = [open(checkpointDocument, one), open(checkpointDocument, other)]
    if (!a.ok || !b.ok) return undefined
    const plain = forkProof(one, other)
    if (plain !== undefined) return encode(forkSchema, plain)
    if (a.value.size >= b.value.size) return undefined
    const found = await this.#source.path(a.value.size - 1, b.value.size)
    if (!found.ok) return undefined
    const { entry, path } = found.value
    const proof = forkProof(one, other, { hash: entryHash(entry), path })
    return proof === undefined ? undefined : encode(forkSchema, proof)
  }

  #alarm(kind: Alarm['kind'], { code, at, detail }: Refusal, evidence?: Uint8Array): true {
    const { what } = refusals[code]
    const alarm: Alarm = {
      ...{ kind, code, words: detail === undefined ? what : `${what} Here: ${detail}.` },
      ...(at === undefined ? {} : { at }),
      ...(evidence === undefined ? {} : { evidence }),
    }
    return this.#say({ phase: 'alarm', alarm })
  }

  #away(code: string): boolean {
    if (code.startsWith('ledger.damaged')) return this.#alarm('entry', { code: 'ledger.damaged' })
    this.#say({ phase: 'away' })
    return false
  }

  #say(changes: Partial<Standing>): true {
    const { size, head, signatures } = this.auditor
    this.standing = { ...this.standing, ...changes, size, signatures }
    if (head !== undefined) this.standing = { ...this.standing, head }
    this.#tell(this.standing)
    return true
  }
}

function sealedOf({ checkpoint, witnesses, members, quorum, isSeen }: Checked) {
  const { size, time, root, state, coordinator } = checkpoint
  return {
    ...{ size, time, root, state, coordinator },
    ...{ witnesses: witnesses.length, members, quorum, isSeen },
  }
}
