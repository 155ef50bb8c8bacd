import { type Electorate, openCosigned } from '@nexapod/ledger'
import {
  type Answer,
  type AnswerMessage,
  accept,
  type Ballot,
  type ChainId,
  type CoordinatorId,
  type Cut,
  checkpointDocument,
  joinParts,
  limits,
  open,
  type Pledge,
  refuse,
  type Seal,
  type Signed,
  sealDocument,
} from '@nexapod/specs'
import { chosen, compareBallots, isSameCut, type Told } from '../../core/sealing.ts'
import type { Stood } from '../home/feed.ts'
import { isSealOf, type SealQuestion } from './voter.ts'

/** The epoch that is to end, and who decides about it. */
export interface Ending {
  readonly chain: ChainId
  readonly epoch: number
  readonly writer: CoordinatorId
  /** Who governs now. */
  readonly electorate: Electorate
  /** Who governs at a size, as far as the chain is here. */
  electorateAt(size: number): Promise<Answer<Electorate>>
}

/** What a proposal stands on. */
export interface ProposalGround {
  readonly id: CoordinatorId
  /** Asks a member, this one included. */
  ask(member: CoordinatorId, question: SealQuestion): Promise<Answer<AnswerMessage>>
  wall(): number
  /** Whether the epoch was forked: then there are several histories, and one of them stays. */
  readonly isForked: boolean
}

/** How a proposal went: the seal, or the highest ballot that was heard of, to go beyond. */
export type Proposed =
  | { readonly type: 'sealed'; readonly seal: Signed<Seal> }
  | { readonly type: 'failed'; readonly why: string; readonly highest: number }

/**
 * One attempt to end an epoch: a quorum promises, takes a cut, and signs it. Whoever stands at any
 * point of it leaves nothing that a higher ballot does not carry on.
 */
export class Proposal {
  readonly #ground: ProposalGround
  readonly #ending: Ending
  readonly #ballot: Ballot
  #highest: number
  /** A seal that one of them knew already. */
  #known: Signed<Seal> | undefined

  constructor(ground: ProposalGround, ending: Ending, number: number) {
    this.#ground = ground
    this.#ending = ending
    this.#ballot = { number, by: ground.id }
    this.#highest = number
  }

  /** Makes it. */
  async make(): Promise<Proposed> {
    const { electorate, chain, epoch } = this.#ending
    const { number: ballot } = this.#ballot
    const { id } = this.#ground
    const told = await this.#promises(this.#votersOf(electorate), undefined)
    const cut = await this.#chosen(told)
    if (this.#known !== undefined) return { type: 'sealed', seal: this.#known }
    if (cut === undefined) return this.#failed(`${told.length} promised, and are no quorum`)
    const takers = await this.#promises(
      told.map(({ member }) => member),
      cut,
    )
    // Who takes it has it here, and with it what it changes.
    const governed = await this.#ending.electorateAt(cut.size)
    if (!governed.ok) return this.#failed(governed.refusal.code)
    const { members, quorum } = governed.value
    const keys = members.map(({ coordinator }) => coordinator)
    if (!keys.includes(cut.successor)) return this.#failed(`${id} is not of the roster there`)
    let signers = takers.map(({ member }) => member).filter((key) => keys.includes(key))
    signers.sort()
    while (signers.length >= quorum) {
      const seal = {
        ...{ v: 1 as const, chain, epoch, ...cut },
        ...{ issued: this.#ground.wall(), signers },
      }
      const signed = await this.#signatures({ type: 'seal', ballot, seal })
      if (this.#known !== undefined) return { type: 'sealed', seal: this.#known }
      if (signed.size === signers.length) {
        const parts = signers.map((key) => signed.get(key) as Uint8Array)
        const whole = joinParts(sealDocument, seal, parts)
        if (open(sealDocument, whole).ok) return { type: 'sealed', seal: whole }
        return this.#failed('a signature is false')
      }
      // The same cut, by those who did sign.
      signers = signers.filter((key) => signed.has(key))
    }
    if (this.#known !== undefined) return { type: 'sealed', seal: this.#known }
    return this.#failed(`${signers.length} of ${quorum} took ${cut.size}`)
  }

  /** The cut that those who promised lead to; who else decides about one of theirs is asked too. */
  async #chosen(told: Told[]): Promise<Cut | undefined> {
    const { electorate, electorateAt, writer } = this.#ending
    const sizes = new Set(
      told.flatMap(({ pledge, stand }) => [pledge?.took?.cut.size ?? [], stand?.size ?? []].flat()),
    )
    const governed = new Map<number, Electorate>()
    for (const size of sizes) {
      const at = await electorateAt(size)
      if (!at.ok) return undefined
      governed.set(size, at.value)
    }
    const all = [...governed.values()].flatMap((one) => this.#votersOf(one))
    const asked = this.#votersOf(electorate)
    const more = [...new Set(all)].filter((key) => !asked.includes(key))
    const { id, isForked } = this.#ground
    const at = (size: number) => governed.get(size) ?? electorate
    told.push(...(await this.#promises(more, undefined)))
    return chosen(told, { electorateAt: at, writer, isForked }, id)
  }

  #votersOf({ members }: Electorate): CoordinatorId[] {
    const { writer } = this.#ending
    return members.map(({ coordinator }) => coordinator).filter((key) => key !== writer)
  }

  /** Who promises, or takes a cut, in this ballot. */
  async #promises(members: readonly CoordinatorId[], cut: Cut | undefined): Promise<Told[]> {
    const { chain, epoch } = this.#ending
    const { number: ballot } = this.#ballot
    const question = { type: 'promise' as const, chain, epoch, ballot, ...(cut && { cut }) }
    const answers = await Promise.all(
      members.map(async (member) => {
        const answer = await this.#ask(member, question)
        if (answer?.type !== 'promised') return []
        const { pledge, stand, cosigned = 0 } = answer
        if (pledge === undefined) return []
        // One that lies must not drive all others to the last ballot that there is.
        const heard = Math.min(pledge.ballot.number, ballot + limits.ballotStepMax - 1)
        this.#highest = Math.max(this.#highest, heard)
        if (!this.#isOfThis(pledge, cut)) return []
        return [{ member, pledge, stand: stand && this.#standOf(stand, cosigned) }]
      }),
    )
    return answers.flat()
  }

  #isOfThis({ ballot, took }: Pledge, cut: Cut | undefined): boolean {
    if (compareBallots(ballot, this.#ballot) !== 0) return false
    if (cut === undefined) return true
    return (
      took !== undefined && compareBallots(took.ballot, ballot) === 0 && isSameCut(took.cut, cut)
    )
  }

  /** Where a member says that the chain stands, if its writer says so. */
  #standOf({ checkpoint, cosignatures }: Omit<Stood, 'size'>, cosigned: number): Told['stand'] {
    const opened = open(checkpointDocument, checkpoint)
    if (!opened.ok) return undefined
    const { chain, epoch, writer, electorate } = this.#ending
    const { size, head, coordinator } = opened.value
    const isOfIt = opened.value.chain === chain && opened.value.epoch === epoch
    if (!isOfIt || coordinator !== writer) return undefined
    const isFirm = openCosigned(electorate, checkpoint, cosignatures).ok
    return { size, head, firm: isFirm ? size : 0, cosigned }
  }

  async #signatures(question: SealQuestion & { readonly type: 'seal' }) {
    const signed = new Map<CoordinatorId, Uint8Array>()
    await Promise.all(
      question.seal.signers.map(async (member) => {
        const answer = await this.#ask(member, question)
        if (answer?.type === 'signature') signed.set(member, answer.signature)
      }),
    )
    return signed
  }

  async #ask(member: CoordinatorId, question: SealQuestion): Promise<AnswerMessage | undefined> {
    const answer = await this.#ground.ask(member, question)
    if (!answer.ok) return undefined
    if (answer.value.type !== 'sealed') return answer.value
    const seal = await sealOf(answer.value.seal, this.#ending)
    if (seal.ok) this.#known = answer.value.seal
    return undefined
  }

  #failed(why: string): Proposed {
    return { type: 'failed', why, highest: this.#highest }
  }
}

/** What a seal says, if it ends this epoch by a quorum of the roster where it is cut. */
export async function sealOf(signed: Signed<Seal>, ending: Ending): Promise<Answer<Seal>> {
  const { chain, epoch, electorateAt } = ending
  const seal = open(sealDocument, signed)
  if (!seal.ok) return seal
  if (seal.value.chain !== chain || seal.value.epoch !== epoch) {
    return refuse('chain.roster', { detail: 'the seal of another epoch' })
  }
  const electorate = await electorateAt(seal.value.size)
  if (!electorate.ok) return electorate
  if (isSealOf(seal.value, electorate.value)) return accept(seal.value)
  return refuse('chain.roster', { detail: 'no quorum sealed it' })
}
