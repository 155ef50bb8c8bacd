import { type Electorate, type Governance, isMember } from '@nexapod/ledger'
import type { Seen } from '@nexapod/ledger/store'
import { throwing } from '@nexapod/mesh'
import {
  type Answer,
  type AnswerMessage,
  accept,
  type ChainId,
  type CoordinatorId,
  type Cut,
  checkpointDocument,
  type Digest,
  noEntry,
  open,
  type Place,
  type Pledge,
  type Question,
  refuse,
  type Seal,
  type Signer,
  sealDocument,
  signPart,
} from '@nexapod/specs'
import {
  boundOf,
  isOver,
  isVoid,
  mayCosign,
  maySign,
  promised,
  recalled,
  released,
  taken,
  type Votes,
} from '../../core/sealing.ts'
import type { Stood } from '../home/feed.ts'
import { cutOf, type Memory, type Vow } from './memory.ts'

/** What is asked to end an epoch. */
export type SealQuestion = Extract<Question, { type: 'promise' | 'seal' | 'sealed' }>

/** A chain of another, as it is known here. */
export interface Known {
  readonly epoch: number
  readonly writer: CoordinatorId
  /** Who governs at the end of what is here. */
  readonly governance: Governance
  /** Who governs at a size: the end of an epoch is decided by the roster where it is cut. */
  electorateAt(size: number): Promise<Answer<Electorate>>
  /** Whether nothing is open on it. */
  isAtRest(): Promise<boolean>
  /** How many entries of it are here. */
  readonly size: number
  /** The last checkpoint that was found true. */
  readonly stood: Stood | undefined
  /** The size of the last one that a quorum is known to have cosigned. */
  readonly cosigned: number
}

/** What a voter stands on. */
export interface VoterGround {
  readonly signer: Signer
  readonly memory: Pick<Memory, 'alone' | 'vow' | 'keepVow' | 'seal' | 'seen' | 'see'>
  known(chain: ChainId): Known | undefined
  /** Has a chain followed that is not known here, beginning with a member that is. */
  learn(chain: ChainId, from: CoordinatorId): void
  /** Whether its writer was heard a moment ago. */
  isHeard(chain: ChainId): boolean
  /** Whether it was forked: then it has to end, however alive its writer is. */
  isFrozen(chain: ChainId, epoch: number): boolean
  /** A member would end an epoch whose writer is heard: it is asked whether it knows of a fork. */
  doubted(chain: ChainId, by: CoordinatorId): Promise<void>
  /** What those of a roster who are others and can be heard say that they have promised. */
  poll(
    chain: ChainId,
    epoch: number,
    electorate: Electorate,
  ): Promise<readonly (Pledge | undefined)[]>
  /** Whether the history that has this place is here. */
  holds(chain: ChainId, place: Place): Promise<boolean>
  /** Has all entries below a cut here, from whoever proposes it if need be; or is false. */
  reach(chain: ChainId, cut: Cut, from: CoordinatorId): Promise<boolean>
}

/** Below this is every cut. */
const everything = Number.POSITIVE_INFINITY

/** What a member does when it is asked to end an epoch: see specs/fact. */
export class Voter {
  readonly #ground: VoterGround

  constructor(ground: VoterGround) {
    this.#ground = ground
  }

  /** Answers a member of the roster. */
  async answer(question: SealQuestion, by: CoordinatorId): Promise<Answer<AnswerMessage>> {
    const { chain, epoch } = question.type === 'seal' ? question.seal : question
    const { memory, known } = this.#ground
    const seal = await memory.seal(chain, epoch)
    if (!seal.ok) return seal
    if (seal.value !== undefined) return accept({ type: 'sealed', seal: seal.value })
    const here = known(chain)
    if (here !== undefined && here.epoch > epoch) return refuse('ledger.sealed')
    if (question.type === 'sealed') return await this.#told(chain, epoch)
    if (here?.writer === this.#ground.signer.id) return refuse('ledger.heard')
    if (question.type === 'seal') return await this.#sign(question, by)
    // Who has lost its disk hears of a chain whose writer is gone from nobody else.
    if (here === undefined) this.#ground.learn(chain, by)
    // What is promised of another epoch would take the place of what was promised of this one.
    if (here?.epoch !== epoch) return refuse('ledger.unknown', { detail: `epoch ${epoch}` })
    return await this.#promise(question, by)
  }

  /**
   * Notes that a checkpoint is about to be cosigned, if nothing that was promised is against it.
   * `cosigned` is the size that a quorum is known to have cosigned.
   */
  async see(chain: ChainId, seen: Seen, cosigned: number): Promise<Answer<unknown>> {
    const { memory } = this.#ground
    const { epoch, size } = seen
    return await memory.alone(async () => {
      const seal = await memory.seal(chain, epoch)
      if (!seal.ok) return seal
      if (seal.value !== undefined) return refuse('ledger.sealed')
      const vow = await memory.vow(chain, epoch)
      if (!vow.ok) return vow
      const { pledge, signed } = vow.value ?? {}
      if (signed !== undefined && size > signed.size) return refuse('ledger.sealed')
      if (pledge === undefined || mayCosign(pledge, size)) return await memory.see(chain, seen)
      const free = released(pledge, cosigned)
      if (!mayCosign(free, size)) return refuse('ledger.sealed')
      const kept = await memory.keepVow(chain, { ...vow.value, epoch, pledge: free })
      return kept.ok ? await memory.see(chain, seen) : kept
    })
  }

  async #told(chain: ChainId, epoch: number): Promise<Answer<AnswerMessage>> {
    const { memory } = this.#ground
    // What is being kept can be read already, and may be gone if the process ends now.
    const vow = await memory.alone(() => memory.vow(chain, epoch))
    if (!vow.ok) return vow
    const stood = this.#ground.known(chain)?.stood
    const opened = stood && open(checkpointDocument, stood.checkpoint)
    const isOfIt = opened?.ok === true && opened.value.epoch === epoch
    const { checkpoint, cosignatures } = stood ?? {}
    const stand = isOfIt && checkpoint && cosignatures ? { checkpoint, cosignatures } : undefined
    const pledge = vow.value?.pledge
    const seen = await this.#seen(chain, epoch)
    if (!seen.ok) return seen
    const isHeld = seen.value.size > 0 && (await this.#ground.holds(chain, seen.value))
    return accept({
      type: 'promised',
      ...(pledge && { pledge }),
      ...(stand && { stand }),
      ...(isHeld && { cosigned: seen.value.size }),
    })
  }

  async #promise(
    { chain, epoch, ballot: number, cut }: SealQuestion & { readonly type: 'promise' },
    by: CoordinatorId,
  ): Promise<Answer<AnswerMessage>> {
    const { memory } = this.#ground
    const before = await memory.vow(chain, epoch)
    if (!before.ok) return before
    const tooEarly = await this.#isTooEarly(chain, epoch, before.value)
    if (tooEarly) {
      // A proof may have passed by here: what it proves is known when this is proposed again.
      throwing(this.#ground.doubted(chain, by))
      return refuse('ledger.heard')
    }
    // What is missing is fetched before anything is promised: that takes a while.
    if (cut !== undefined && !(await this.#ground.reach(chain, cut, by))) {
      return refuse('ledger.unknown', { detail: `no ${cut.size} entries with this head are here` })
    }
    if (cut !== undefined && !(await this.#isPossible(chain, epoch, cut))) {
      return refuse('chain.roster', { detail: `${cut.successor} cannot go on at ${cut.size}` })
    }
    const isVoid = cut !== undefined && (await this.#isVoid(chain, epoch, cut))
    const forgotten =
      before.value === undefined
        ? await this.#recalled(chain, epoch, cut?.size ?? everything)
        : accept(undefined)
    if (!forgotten.ok) return forgotten
    const kept = await memory.alone(async () => {
      const vow = await memory.vow(chain, epoch)
      if (!vow.ok) return vow
      const pledge = vow.value?.pledge ?? forgotten.value
      const ballot = { number, by }
      const seen = await this.#seen(chain, epoch)
      if (!seen.ok) return seen
      const next =
        cut === undefined
          ? accept(promised(pledge, ballot))
          : taken(pledge, { ballot, cut }, { seen: seen.value.size, isVoid })
      if (!next.ok || next.value === vow.value?.pledge) return next
      return await memory.keepVow(chain, { ...vow.value, epoch, pledge: next.value })
    })
    return kept.ok ? await this.#told(chain, epoch) : kept
  }

  async #sign(
    { ballot: number, seal }: SealQuestion & { readonly type: 'seal' },
    by: CoordinatorId,
  ): Promise<Answer<AnswerMessage>> {
    const { memory, signer } = this.#ground
    const { chain, epoch } = seal
    const cut = cutOf(seal)
    if (!seal.signers.includes(signer.id as CoordinatorId)) return refuse('chain.roster')
    const kept = await memory.alone(async () => {
      const vow = await memory.vow(chain, epoch)
      if (!vow.ok) return vow
      const { pledge, signed } = vow.value ?? {}
      if (!maySign(pledge, { ballot: { number, by }, cut }, signed)) {
        return refuse('chain.checkpoint', { detail: 'another cut was taken here' })
      }
      return await memory.keepVow(chain, { ...vow.value, epoch, signed: cut })
    })
    if (!kept.ok) return kept
    return accept({ type: 'signature', signature: signPart(sealDocument, seal, signer) })
  }

  /** Whether the writer is alive, as far as is known here, and its epoch can go on. */
  async #isTooEarly(chain: ChainId, epoch: number, vow: Vow | undefined): Promise<boolean> {
    const { isHeard, isFrozen } = this.#ground
    if (!isHeard(chain) || isFrozen(chain, epoch)) return false
    if (boundOf(vow?.pledge) !== undefined) return false
    const told = await this.#polled(chain, epoch, everything)
    return told === undefined || !isOver(told.pledges, told.votes)
  }

  /** Whether a cut lies in its epoch, and who goes on is another of its roster: else none could. */
  async #isPossible(chain: ChainId, epoch: number, { size, successor }: Cut): Promise<boolean> {
    const { memory, known } = this.#ground
    const seal = epoch > 0 ? await memory.seal(chain, epoch - 1) : undefined
    const before = seal?.ok && seal.value ? open(sealDocument, seal.value) : undefined
    if (before?.ok && size <= before.value.size) return false
    const electorate = await this.#electorateAt(chain, size)
    const isWriter = known(chain)?.writer === successor
    return electorate.ok && !isWriter && isMember(electorate.value, successor)
  }

  /** Whether no quorum can have cosigned, or will, what was cosigned here beyond a cut. */
  async #isVoid(chain: ChainId, epoch: number, cut: Cut): Promise<boolean> {
    const seen = await this.#seen(chain, epoch)
    if (!seen.ok || cut.size >= seen.value.size) return false
    const { isFrozen, holds, known } = this.#ground
    // It has given way to another history: of two that were signed, only one can stay.
    if (isFrozen(chain, epoch) && !(await holds(chain, seen.value))) return true
    // What a quorum is known to have cosigned stays, whatever others say that they took.
    if ((known(chain)?.cosigned ?? 0) > cut.size) return false
    const told = await this.#polled(chain, epoch, seen.value.size)
    return told !== undefined && isVoid(told.pledges, told.votes, cut.size)
  }

  /** What the others of the roster at a size say that they took, and how many are of it. */
  async #polled(chain: ChainId, epoch: number, size: number) {
    const electorate = await this.#electorateAt(chain, size)
    if (!electorate.ok) return undefined
    const pledges = await this.#ground.poll(chain, epoch, electorate.value)
    return { pledges, votes: votesOf(electorate.value) }
  }

  /** What was promised here about an epoch, as far as a disk that was lost may have known more. */
  async #recalled(
    chain: ChainId,
    epoch: number,
    size: number,
  ): Promise<Answer<Pledge | undefined>> {
    const seen = await this.#seen(chain, epoch)
    // What was cosigned of it is here, so all that was promised of it is, too.
    if (!seen.ok || seen.value.size > 0) return seen.ok ? accept(undefined) : seen
    const electorate = await this.#electorateAt(chain, size)
    if (!electorate.ok) return electorate
    const pledges = await this.#ground.poll(chain, epoch, electorate.value)
    const told = recalled(pledges, votesOf(electorate.value))
    if (!told.ok || told.value === undefined) return told
    return accept(released(told.value, this.#ground.known(chain)?.cosigned ?? 0))
  }

  async #electorateAt(chain: ChainId, size: number): Promise<Answer<Electorate>> {
    const known = this.#ground.known(chain)
    return known === undefined ? refuse('ledger.unknown') : await known.electorateAt(size)
  }

  /** How much of an epoch was cosigned here. */
  async #seen(chain: ChainId, epoch: number): Promise<Answer<Place>> {
    const seen = await this.#ground.memory.seen(chain)
    if (!seen.ok) return seen
    return accept(seen.value?.epoch === epoch ? seen.value : { size: 0, head: noEntry as Digest })
  }
}

function votesOf({ members, quorum }: Electorate): Votes {
  return { members: members.length, quorum }
}

/** Whether a seal is one of a chain, by a quorum of its roster. */
export function isSealOf(seal: Seal, { members, quorum }: Electorate): boolean {
  const keys = new Set(members.map(({ coordinator }) => coordinator))
  const signed = seal.signers.filter((key) => keys.has(key))
  return signed.length >= quorum && keys.has(seal.successor)
}
