import {
  frozen,
  type Governance,
  isQuorum,
  Ledger,
  openCosigned,
  type Standing,
  type State,
  standSchema,
  stateRoot,
  Thaw,
} from '@nexapod/ledger'
import {
  type Answer,
  accept,
  type ChainId,
  type Checkpoint,
  type CoordinatorId,
  type Cosignature,
  cosignatureDocument,
  decode,
  encode,
  open,
  refuse,
  type Signed,
} from '@nexapod/specs'
import { Signatures } from './signatures.ts'

/** A checkpoint, and who of the roster has seen it. */
export interface Cosigned {
  readonly checkpoint: Signed<Checkpoint>
  readonly cosignatures: readonly Signed<Cosignature>[]
}

/** What is kept of a chain that was read, to go on from there another day. */
export interface Kept {
  readonly stand: Uint8Array
  readonly state: readonly Uint8Array[]
  readonly signatures: number
}

/** A checkpoint that fits what was read, and how many of the roster have seen it. */
export interface Checked {
  readonly checkpoint: Checkpoint
  readonly witnesses: readonly CoordinatorId[]
  readonly members: number
  readonly quorum: number
  readonly isSeen: boolean
}

/**
 * Reads one chain from its genesis on and believes nothing: links, rules, credit and every
 * signature are checked by the code that the coordinators run.
 */
export class Auditor {
  readonly #ledger: Ledger
  readonly #signatures = new Signatures()

  private constructor(from?: Standing) {
    this.#ledger = new Ledger(this.#signatures.opening, from)
  }

  /** One who has read nothing yet. */
  static fresh(): Auditor {
    return new Auditor()
  }

  /** One who goes on where another ended. */
  static from({ stand, state, signatures }: Kept): Answer<Auditor> {
    const read = decode(standSchema, stand)
    if (!read.ok) return read
    const thaw = new Thaw()
    for (const part of state) {
      const taken = thaw.take(part)
      if (!taken.ok) return taken
    }
    const thawed = thaw.end()
    if (!thawed.ok) return thawed
    const auditor = new Auditor({ stand: read.value, state: thawed.value })
    auditor.#signatures.verified = signatures
    return accept(auditor)
  }

  get size(): number {
    return this.#ledger.chain.tip?.size ?? 0
  }

  get head(): string | undefined {
    return this.#ledger.chain.tip?.head
  }

  get chain(): ChainId | undefined {
    return this.#ledger.chain.tip?.chain
  }

  /** What the entries add up to. */
  get state(): State {
    return this.#ledger.state
  }

  get governance(): Governance | undefined {
    return this.#ledger.chain.tip?.governance
  }

  /** Signatures that were verified. */
  get signatures(): number {
    return this.#signatures.verified
  }

  /** Takes the next entries; says at which number one is wrong. Only then is this of no use. */
  async take(entries: readonly Uint8Array[]): Promise<Answer<undefined>> {
    const first = this.size
    for (const bytes of entries) {
      const at = `entry ${this.size}`
      const taken = this.#ledger.take(bytes)
      if (!taken.ok) {
        const { code, detail } = taken.refusal
        return refuse(code, { at, ...(detail === undefined ? {} : { detail }) })
      }
    }
    const verified = await this.#signatures.verify()
    if (verified.ok) return verified
    const { code, detail } = verified.refusal
    const at = `entries ${first} to ${this.size - 1}`
    return refuse(code, { at, ...(detail === undefined ? {} : { detail }) })
  }

  /**
   * Whether a checkpoint at the size of what was read says what its entries say, and who has seen
   * it. One that a quorum has not seen yet is young, and not wrong.
   */
  check({ checkpoint, cosignatures }: Cosigned): Answer<Checked> {
    const { chain, state } = this.#ledger
    const { tip } = chain
    if (tip === undefined) return refuse('chain.checkpoint', { detail: 'nothing was read' })
    const checked = chain.check(checkpoint)
    if (!checked.ok) return checked
    const { members, quorum } = tip.governance
    const seen = openCosigned({ members, quorum: 1 }, checkpoint, cosignatures)
    if (!seen.ok) return seen
    if (checked.value.state !== stateRoot(state)) {
      return refuse('chain.checkpoint', { detail: 'another state than its entries add up to' })
    }
    const witnesses = witnessesOf(tip.governance, checked.value, cosignatures)
    const signers = [checked.value.coordinator, ...witnesses]
    return accept({
      checkpoint: checked.value,
      witnesses,
      ...{ members: members.length, quorum },
      isSeen: isQuorum(tip.governance, signers),
    })
  }

  /** What has to be kept. */
  keep(): Kept | undefined {
    const { chain, state } = this.#ledger
    if (chain.stand === undefined) return undefined
    return {
      stand: encode(standSchema, chain.stand),
      state: [...frozen(state)],
      signatures: this.signatures,
    }
  }
}

/** Who of the roster has cosigned it beside its coordinator, each of them once. */
export function witnessesOf(
  { members }: Pick<Governance, 'members'>,
  { coordinator }: Checkpoint,
  cosignatures: readonly Signed<Cosignature>[],
): CoordinatorId[] {
  const all = new Set(cosignatures.flatMap((one) => witnessOf(one)))
  const roster = new Set(members.map((member) => member.coordinator))
  return [...all].filter((one) => one !== coordinator && roster.has(one))
}

function witnessOf(signed: Signed<Cosignature>): CoordinatorId[] {
  const opened = open(cosignatureDocument, signed)
  return opened.ok ? [opened.value.witness] : []
}
