import type { Governance } from '@nexapod/ledger'
import {
  type Answer,
  type AnswerMessage,
  accept,
  type ChainId,
  type Checkpoint,
  type CoordinatorId,
  type Cut,
  checkpointDocument,
  type Digest,
  digestText,
  leastQuorum,
  limits,
  type MeshId,
  open,
  type Pledge,
  refuse,
  type Seal,
  type Signed,
  type Signer,
  sealDocument,
  sha256,
  sign,
} from '@nexapod/specs'
import { Proposal } from '../shell/ends/proposal.ts'
import type { SealQuestion } from '../shell/ends/voter.ts'
import { keyNamed, noon, usualRates } from './cast.ts'
import { epoch, Member } from './sealing-member.ts'
import type { Draw } from './seeded.ts'

const chain = digestText<ChainId>(sha256(new TextEncoder().encode('a chain')))

/** A roster whose writer may go and come, over links that lose messages, in any order. */
export class SealingWorld {
  readonly draw: Draw
  readonly writer: CoordinatorId
  readonly governance: Governance
  readonly members: readonly Member[]
  readonly seals: Seal[] = []
  writerIsUp = true
  /** Of a hundred messages, so many are lost. */
  loss = 0
  /** What a quorum has cosigned. */
  cosigned = 0
  #size = 0
  readonly #signer: Signer
  readonly #cosigners = new Map<number, Set<CoordinatorId>>()
  #turns: (() => void)[] = []

  constructor(count: number, draw: Draw) {
    this.draw = draw
    const signers = Array.from({ length: count }, (_, i) => keyNamed(`member ${i}`))
    signers.sort((a, b) => (a.id < b.id ? -1 : 1))
    const at = draw(count)
    this.#signer = signers[at] as Signer
    this.writer = this.#signer.id as CoordinatorId
    const members = signers.map(({ id }) => ({ coordinator: id as CoordinatorId, addresses: [] }))
    const none = digestText(new Uint8Array(32)) as Digest
    this.governance = {
      ...{ mesh: none as Digest as MeshId, members, quorum: leastQuorum(count) },
      ...{ rates: usualRates, revision: 0, prev: none },
    }
    this.members = signers.filter((_, i) => i !== at).map((signer) => new Member(this, signer))
  }

  /** Waits until it is drawn what happens next. */
  turn(): Promise<void> {
    return new Promise((resolve) => this.#turns.push(resolve))
  }

  /** Lets one thing happen that waits; false if nothing does. */
  async next(): Promise<boolean> {
    await settled()
    if (this.#turns.length === 0) return false
    const [turn] = this.#turns.splice(this.draw(this.#turns.length), 1)
    turn?.()
    await settled()
    return true
  }

  /** Lets all happen that waits. */
  async rest(): Promise<void> {
    while (await this.next());
  }

  /** The writer writes, and asks some to cosign. */
  write(): void {
    if (!this.writerIsUp) return
    this.#size += 1 + this.draw(3)
    const checkpoint = this.#checkpoint(this.#size)
    for (const member of this.members) if (this.draw(4) > 0) void this.#cosign(member, checkpoint)
  }

  /** A member proposes to end the epoch. */
  async propose(member: Member): Promise<boolean> {
    const { life } = member
    const number = (member.disk.vow?.pledge?.ballot.number ?? 0) + 1
    const ground = {
      id: member.id,
      wall: () => noon,
      isForked: false,
      ask: async (to: CoordinatorId, question: SealQuestion) => {
        const answer = await this.#ask(member, to, question)
        return member.life === life ? answer : await new Promise<never>(() => {})
      },
    }
    const electorate = this.governance
    const electorateAt = async () => accept(electorate)
    const ending = { chain, epoch, writer: this.writer, electorate, electorateAt }
    const proposed = await new Proposal(ground, ending, number).make()
    if (proposed.type === 'failed') return false
    const seal = open(sealDocument, proposed.seal)
    if (!seal.ok) throw new Error(seal.refusal.code)
    this.seals.push(seal.value)
    return true
  }

  /** What the others say that they have promised, as far as it is heard. */
  async poll(by: Member): Promise<(Pledge | undefined)[]> {
    const others = this.members.filter((member) => member !== by)
    const told = await Promise.all(
      others.map(async ({ id }) => {
        const answer = await this.#ask(by, id, { type: 'sealed', chain, epoch })
        return answer.ok && answer.value.type === 'promised' ? [answer.value.pledge] : []
      }),
    )
    return told.flat()
  }

  /** Fetches what a cut covers from who proposes it. */
  async reach(by: Member, cut: Cut, from: CoordinatorId): Promise<boolean> {
    if ((by.disk.stood?.size ?? 0) >= cut.size) return true
    const { life } = by
    await this.turn()
    const holder = [from, ...this.members.map(({ id }) => id)]
      .map((id) => this.members.find((member) => member.id === id))
      .find((member) => member?.isUp && (member.disk.stood?.size ?? 0) >= cut.size)
    if (holder === undefined || by.life !== life) return false
    this.#stand(by, this.#checkpoint(cut.size))
    return true
  }

  async #ask(
    by: Member,
    to: CoordinatorId,
    question: SealQuestion,
  ): Promise<Answer<AnswerMessage>> {
    const member = this.members.find(({ id }) => id === to)
    if (member === undefined) throw new Error('only voters are asked')
    const isOwn = member === by
    await this.turn()
    if (!member.isUp || this.#isLost(isOwn)) return refuse('wire.cut')
    const { life } = member
    const gone = this.#gone(member, life)
    const answer = await Promise.race([member.voter.answer(question, by.id), gone])
    await this.turn()
    return this.#isLost(isOwn) ? refuse('wire.cut') : answer
  }

  /** Resolves some time after a process has ended: whoever asked it finds the stream cut. */
  async #gone(member: Member, life: number): Promise<Answer<never>> {
    for (let i = 0; i < limits.rosterMax; i++) {
      await this.turn()
      if (member.life !== life) return refuse('wire.cut')
    }
    return await new Promise(() => {})
  }

  #isLost(isOwn: boolean): boolean {
    return !isOwn && this.draw(100) < this.loss
  }

  async #cosign(member: Member, checkpoint: Signed<Checkpoint>): Promise<void> {
    await this.turn()
    if (!member.isUp || !member.hears) return
    const { size, head, root } = says(checkpoint)
    if (size < (member.disk.stood?.size ?? 0)) return
    this.#stand(member, checkpoint)
    member.shown = this.cosigned
    const kept = await member.voter.see(chain, { epoch, size, head, root }, member.shown)
    if (!kept.ok) return
    const cosigners = this.#cosigners.get(size) ?? new Set([this.writer])
    this.#cosigners.set(size, cosigners.add(member.id))
    if (cosigners.size >= this.governance.quorum) this.cosigned = Math.max(this.cosigned, size)
  }

  /** A copy only grows, though what was fetched may come after something later. */
  #stand({ disk }: Member, checkpoint: Signed<Checkpoint>): void {
    const { size } = says(checkpoint)
    if (size > (disk.stood?.size ?? 0)) disk.stood = { size, checkpoint }
  }

  #checkpoint(size: number): Signed<Checkpoint> {
    const head = digestText(sha256(new TextEncoder().encode(`entry ${size}`)))
    const value = {
      ...{ v: 1 as const, chain, epoch, size, coordinator: this.writer, time: noon },
      ...{ root: head, head, state: head },
    }
    return sign(checkpointDocument, value, this.#signer)
  }
}

function says(checkpoint: Signed<Checkpoint>): Checkpoint {
  const opened = open(checkpointDocument, checkpoint)
  if (!opened.ok) throw new Error(opened.refusal.code)
  return opened.value
}

/** All that follows from what has happened has followed. */
async function settled(): Promise<void> {
  for (let i = 0; i < 24; i++) await Promise.resolve()
}
