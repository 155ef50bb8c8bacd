import {
  type ChainId,
  type Checkpoint,
  type CoordinatorId,
  type Cosignature,
  chainId,
  checkpointDocument,
  checkpointId,
  cosignatureDocument,
  type Digest,
  type Entry,
  encode,
  entrySchema,
  type Fact,
  leafHash,
  type Mesh,
  merkleTree,
  noEntry,
  type Refusal,
  type Signed,
  type Signer,
  sign,
} from '@nexapod/specs'
import { Chain } from '../chain/chain.ts'
import type { Governance } from '../chain/stand.ts'
import { learn, stateRoot } from '../fold/learn.ts'
import { emptyState } from '../fold/state.ts'
import { keyOf, signers } from './chains.ts'

/** An entry that was offered to a chain, and whether chain and fold took it. */
export interface Step {
  /** Which of the chains of the history. */
  readonly side: number
  readonly entry: Entry
  readonly bytes: Uint8Array
  /** What the chain has with this entry. */
  readonly governance: Governance
  /** Whether it was meant to be taken. */
  readonly right: boolean
  readonly refusal: Refusal | undefined
  /** Of the state after it: if it was refused, what it was before. */
  readonly root: Digest
}

/** Signed proof of where a chain stands, and the path of one of its entries to its root. */
export interface Proof {
  readonly checkpoint: Signed<Checkpoint>
  readonly cosignatures: Signed<Cosignature>[]
  readonly path: readonly Uint8Array[]
}

/** One chain of a history with what it folds to. */
export class Side {
  readonly number: number
  readonly id: ChainId
  readonly genesis: Fact
  readonly state = emptyState()
  readonly entries: Uint8Array[] = []
  chain = new Chain()
  time = 2000

  constructor(number: number, mesh: Signed<Mesh>) {
    this.number = number
    const named = { mesh, coordinator: keyOf(number), nonce: new Uint8Array(16).fill(number) }
    this.genesis = { type: 'genesis', ...named }
    this.id = chainId(named)
  }

  get epoch(): number {
    return this.chain.stand?.epoch ?? 0
  }

  get governance(): Governance {
    const { stand } = this.chain
    if (stand === undefined) throw new Error('the chain has not begun')
    return stand.governance
  }

  /** Offers facts as the next entry; undefined if no entry can have them. */
  offer(facts: readonly Fact[], right: boolean, time = this.time): Step | undefined {
    const entry = this.#next(facts, time)
    const bytes = encoded(entry)
    if (bytes === undefined) return undefined
    const next = new Chain(this.chain.stand)
    const linked = next.append(bytes)
    const governance = next.stand?.governance ?? this.governance
    const answer = linked.ok ? learn(this.state, entry, governance) : linked
    if (answer.ok) {
      this.chain = next
      this.time = time
      this.entries.push(bytes)
    }
    const refusal = answer.ok ? undefined : answer.refusal
    const root = stateRoot(this.state)
    return { side: this.number, entry, bytes, governance, right, refusal, root }
  }

  /** What a quorum signs of the chain as it stands. */
  prove(seq: number): Proof {
    const { stand } = this.chain
    if (stand === undefined) throw new Error('the chain has not begun')
    const { chain, epoch, size, coordinator, head } = stand
    const standing = { v: 1 as const, chain, epoch, size, time: this.time }
    const root = this.chain.root()
    const state = stateRoot(this.state)
    const author = signers.find((one) => one.id === coordinator) as Signer
    const value = { ...standing, coordinator, root, head, state }
    const checkpoint = sign(checkpointDocument, value, author)
    const cosignatures = signers.slice(0, 3).flatMap((signer) => {
      if (signer === author) return []
      const seen = { checkpoint: checkpointId(checkpoint), witness: signer.id as CoordinatorId }
      return sign(cosignatureDocument, { ...standing, ...seen }, signer)
    })
    const { paths } = merkleTree(this.entries.map(leafHash))
    return { checkpoint, cosignatures, path: paths[seq] ?? [] }
  }

  #next(facts: readonly Fact[], time: number): Entry {
    const { stand } = this.chain
    const prev: Digest = stand?.head ?? noEntry
    const epoch = this.epoch + (facts[0]?.type === 'seal' ? 1 : 0)
    return { v: 1, chain: this.id, epoch, seq: stand?.size ?? 0, prev, time, facts }
  }
}

/** The bytes of an entry, if its facts are such that it has any. */
function encoded(entry: Entry): Uint8Array | undefined {
  try {
    return encode(entrySchema, entry)
  } catch (cause) {
    if (cause instanceof RangeError) return undefined
    throw cause
  }
}
