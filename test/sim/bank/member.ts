import type { Over } from '../../../coordinator/index.ts'
import { type Governance, isQuorum, stateRoot } from '../../../ledger/index.ts'
import {
  type ChainId,
  type Checkpoint,
  type CoordinatorId,
  type Cosignature,
  checkpointDocument,
  checkpointId,
  cosignatureDocument,
  type Digest,
  open,
  reopen,
  type Seal,
  type Signed,
  type Signer,
  sealDocument,
  sign,
} from '../../../specs/index.ts'
import { noon } from './cast.ts'
import { Home } from './home.ts'
import { readAgain, Scroll } from './scroll.ts'

/** What a member follows of a chain, and what it found true of it. */
interface Copy {
  readonly scroll: Scroll
  readonly found: Set<Digest>
}

/** A coordinator: the homes of the chains that it writes, and copies of those that it follows. */
export class Member {
  readonly signer: Signer
  readonly homes = new Map<ChainId, Home>()
  readonly copies = new Map<ChainId, Copy>()
  /** Seals that it knows: by each the epoch ended at a size. */
  readonly seals = new Map<ChainId, Signed<Seal>>()
  readonly #overs = new Map<ChainId, Over>()
  readonly #seen = new Map<ChainId, { readonly epoch: number; readonly size: number }>()

  constructor(signer: Signer) {
    this.signer = signer
  }

  /** Writes a chain from its genesis on. */
  found(home: Home): void {
    this.homes.set(home.chain, home)
  }

  /** Follows a chain as far as its home stands, if entries and checkpoint are what they say. */
  follow(home: Home): void {
    // Whoever was away goes on writing what was sealed, until it hears of that.
    if (this.homes.has(home.chain) || this.#isSealed(home.chain, home.epoch)) return
    this.#cutBack(home)
    const copy = this.copies.get(home.chain) ?? { scroll: new Scroll(), found: new Set() }
    this.copies.set(home.chain, copy)
    for (const bytes of home.scroll.entries.slice(copy.scroll.size)) {
      const taken = copy.scroll.take(bytes)
      if (!taken.ok) throw new Error(`a follower refuses what was written: ${taken.refusal.detail}`)
    }
    const { checkpoint } = home.stand()
    const { ledger } = copy.scroll
    const checked = ledger.chain.check(checkpoint)
    if (!checked.ok) throw new Error(`a checkpoint is not true: ${checked.refusal.detail}`)
    if (checked.value.state !== stateRoot(ledger.state)) throw new Error('another state')
    copy.found.add(checkpointId(checkpoint))
  }

  /** Follows a chain and cosigns where it stands, if it may. */
  witness(home: Home, writer: Member, at: number): void {
    this.follow(home)
    const { checkpoint, witnesses } = home.stand()
    if (witnesses.includes(this.signer)) return
    const cosignature = this.cosign(checkpoint, at)
    const { governance } = home.scroll.ledger.chain.tip ?? {}
    if (cosignature === undefined || governance === undefined) return
    home.cosigned(cosignature, this.signer, areQuorum(governance, writer.signer, this.signer))
  }

  /** Takes note of the proof that an epoch of a chain was forked. */
  forked(chain: ChainId, epoch: number): void {
    this.#over({ chain, epoch, why: 'ledger.forked' })
  }

  /** Cosigns what it found true, unless it sealed the epoch below that. */
  cosign(checkpoint: Signed<Checkpoint>, at: number): Signed<Cosignature> | undefined {
    const opened = open(checkpointDocument, checkpoint)
    if (!opened.ok) return undefined
    const { chain, epoch, size } = opened.value
    if (this.#isSealed(chain, epoch)) return undefined
    const id = checkpointId(checkpoint)
    if (!this.copies.get(chain)?.found.has(id)) return undefined
    this.#seen.set(chain, { epoch, size })
    const witness = this.signer.id as CoordinatorId
    const says = { v: 1 as const, chain, epoch, size, checkpoint: id, witness, time: noon + at }
    return sign(cosignatureDocument, says, this.signer)
  }

  /** How much it holds of a chain that another writes, and may not be cut off. */
  holds(chain: ChainId): number {
    const size = this.copies.get(chain)?.scroll.size ?? 0
    if (size < (this.#seen.get(chain)?.size ?? 0)) throw new Error('it cosigned what it lost')
    return size
  }

  /** Takes note of a seal: whoever writes the sealed epoch stops, and follows who goes on. */
  sealed(seal: Signed<Seal>): void {
    const opened = open(sealDocument, seal)
    if (!opened.ok) throw new Error('a seal does not open')
    const { chain, epoch } = opened.value
    if (this.#isSealed(chain, epoch)) return
    this.seals.set(chain, seal)
    const home = this.homes.get(chain)
    if (home !== undefined && home.epoch <= epoch) this.homes.delete(chain)
    this.#over({ chain, epoch, why: 'ledger.sealed' })
  }

  /** Goes on with a chain where a seal has cut it. */
  succeed(seal: Signed<Seal>, at: number): void {
    const opened = open(sealDocument, seal)
    if (!opened.ok) throw new Error('a seal does not open')
    const { chain, size } = opened.value
    const entries = this.copies.get(chain)?.scroll.entries ?? []
    const held = readAgain(entries, size, reopen)
    this.copies.delete(chain)
    const home = new Home(this.signer, { type: 'seal', seal }, at, held)
    this.homes.set(chain, home)
    for (const over of this.#overs.values()) home.over(over)
  }

  #over(over: Over): void {
    this.#overs.set(over.chain, over)
    for (const home of this.homes.values()) home.over(over)
  }

  /** What a seal does not count goes, where another goes on from less or from something else. */
  #cutBack({ chain, epoch, scroll }: Home): void {
    const copy = this.copies.get(chain)
    const known = copy?.scroll.ledger.chain.tip
    if (copy === undefined || known === undefined || known.epoch >= epoch) return
    const { entries } = copy.scroll
    const isSame = entries.every((bytes, i) => same(bytes, scroll.entries[i]))
    if (isSame) return
    const seal = this.seals.get(chain)
    const opened = seal && open(sealDocument, seal)
    if (!opened?.ok) throw new Error('what is cut back was sealed')
    const size = Math.min(opened.value.size, agreeing(entries, scroll.entries))
    this.copies.set(chain, { scroll: readAgain(entries, size, reopen), found: new Set() })
  }

  #isSealed(chain: ChainId, epoch: number): boolean {
    const seal = this.seals.get(chain)
    const opened = seal && open(sealDocument, seal)
    return opened?.ok === true && opened.value.epoch >= epoch
  }
}

/** The end of an epoch, at what its successor has of it. */
export function sealedBy(
  signers: readonly Member[],
  successor: Member,
  { chain, epoch }: Pick<Home, 'chain' | 'epoch'>,
  at: number,
): Signed<Seal> {
  const { tip } = successor.copies.get(chain)?.scroll.ledger.chain ?? {}
  if (tip === undefined) throw new Error('who goes on has a copy')
  const keys = signers.map(({ signer }) => signer).sort((a, b) => (a.id < b.id ? -1 : 1))
  const says: Seal = {
    ...{ v: 1, chain, epoch, size: tip.size, head: tip.head, issued: noon + at },
    successor: successor.signer.id as CoordinatorId,
    signers: keys.map(({ id }) => id as CoordinatorId),
  }
  return sign(sealDocument, says, ...keys)
}

/** Whether an author and a witness are a quorum together. */
function areQuorum(governance: Governance, ...keys: Signer[]): boolean {
  return isQuorum(
    governance,
    keys.map(({ id }) => id as CoordinatorId),
  )
}

/** So many entries two have in common. */
function agreeing(one: readonly Uint8Array[], other: readonly Uint8Array[]): number {
  const at = one.findIndex((bytes, i) => !same(bytes, other[i]))
  return at < 0 ? one.length : at
}

function same(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && Buffer.compare(one, other) === 0
}
