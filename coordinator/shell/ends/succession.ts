import type { Electorate } from '@nexapod/ledger'
import { throwing, waited } from '@nexapod/mesh'
import {
  type Answer,
  type AnswerMessage,
  type Beacon,
  beaconDocument,
  type ChainId,
  type CoordinatorId,
  limits,
  open,
  type Pledge,
  refuse,
  type Seal,
  type Signed,
} from '@nexapod/specs'
import { boundOf, heirs } from '../../core/sealing.ts'
import type { Log } from '../log.ts'
import type { Evidence } from '../others/evidence.ts'
import type { Others } from '../others/others.ts'
import type { Witness } from '../others/witness.ts'
import type { Time } from '../time.ts'
import { hasBegun, isRemembered } from './begun.ts'
import type { Memory } from './memory.ts'
import { type Ending, Proposal } from './proposal.ts'
import { remind } from './reminding.ts'
import { homesMs, SealedAway, sealIn } from './sealed-away.ts'
import { Silence } from './silence.ts'
import { type Known, type SealQuestion, Voter, type VoterGround } from './voter.ts'

/** How often it is looked who is silent. */
const lookMs = 1000
/** Who was not heard for so long is asked whether it is there. */
const probeMs = 2500
/** How much longer the next one waits before it proposes, if the one before it does not. */
const stepMs = 3000
/** Within what a member promises, or signs; it may have to fetch entries first. */
const withinMs = limits.answerMs / 2

/** What a succession stands on. */
export interface SuccessionGround {
  readonly own: CoordinatorId
  readonly others: Pick<Others, 'keys' | 'askAside' | 'askAllAside'>
  /** The chains that are followed. */
  readonly copies: () => Pick<Witness, 'chains' | 'known' | 'learn' | 'reach' | 'holds' | 'sealed'>
  readonly memory: Memory
  readonly evidence: Pick<Evidence, 'doubted'>
  readonly voting: Pick<VoterGround, 'signer' | 'memory' | 'isFrozen'>
  readonly time: Time
  readonly log: Log
  /** The epochs that are written here. */
  homes(): readonly Ending[]
  /** A chain is to be written here from now on. */
  adopt(chain: ChainId): Promise<void>
  /** A chain that is written here was sealed, and another goes on with it. */
  lost(chain: ChainId): void
}

/** What happens to a chain whose writer is gone: who notices, who proposes, who goes on. */
export class Succession {
  readonly voter: Voter
  readonly #sealedAway: SealedAway
  readonly #ground: SuccessionGround
  readonly #gone: AbortSignal
  readonly #silence: Silence
  /** Since when it is known that an epoch was forked. */
  readonly #frozen = new Map<ChainId, { readonly epoch: number; readonly from: number }>()
  /** What is under way, and when it may be tried again. */
  readonly #busy = new Map<string, Promise<void>>()
  readonly #notBefore = new Map<ChainId, number>()
  readonly #highest = new Map<ChainId, number>()
  #homesAt = Number.NEGATIVE_INFINITY
  #running: Promise<void> = Promise.resolve()

  constructor(ground: SuccessionGround, gone: AbortSignal) {
    this.#ground = ground
    this.#gone = gone
    const { copies, time } = ground
    this.#silence = new Silence(time)
    this.#sealedAway = new SealedAway(ground, gone)
    this.voter = new Voter({
      ...ground.voting,
      known: (chain) => copies().known(chain),
      learn: (chain, from) => copies().learn(chain, from),
      doubted: (...asked) => ground.evidence.doubted(...asked),
      isHeard: (chain) => this.#silence.ofMs(chain) < limits.silentMs,
      poll: (...polled) => this.#poll(...polled),
      holds: (chain, place) => copies().holds(chain, place),
      reach: (chain, cut, from) => copies().reach(chain, cut, from),
    })
  }

  /** Something came from a member about a chain. */
  heard(chain: ChainId, from: CoordinatorId): void {
    this.#silence.met(from)
    // Who was taken out of the roster gets nothing cosigned any more: others have to go on.
    const isMember = this.#ground.others.keys.includes(from)
    const isWriter = this.#ground.copies().known(chain)?.writer === from
    if (isWriter && isMember) this.#silence.heard(chain)
  }

  /** Looks after the chains that are followed, from now on until its signal. */
  begin(): void {
    this.#running = this.#run()
    throwing(this.#running)
  }

  /** A member says that it writes a later epoch than is known here: it is asked for the seal. */
  later(chain: ChainId, from: CoordinatorId): void {
    this.#once(`learn ${chain}`, () => this.#learn(chain, from))
  }

  /** Answers a member of the roster, or whoever asks which seal there is. */
  async answer(question: SealQuestion, by: CoordinatorId): Promise<Answer<AnswerMessage>> {
    const isMember = this.#ground.others.keys.includes(by)
    if (question.type !== 'sealed' && !isMember) return refuse('chain.roster')
    return await this.voter.answer(question, by)
  }

  /** Resolves when nothing is under way any more, after its signal. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running
    await Promise.all(this.#busy.values())
  }

  async #run(): Promise<void> {
    const { time, copies, memory, own } = this.#ground
    while (await waited(time, lookMs, this.#gone)) {
      this.#silence.look(copies().chains)
      for (const chain of copies().chains) {
        const known = copies().known(chain)
        if (known === undefined) continue
        const seal = await memory.seal(chain, known.epoch)
        if (!seal.ok) continue
        if (seal.value !== undefined) {
          const cut = await sealIn(seal.value, endingOf(chain, known))
          // What it counts may have to be fetched first: whoever lost its disk has it from others.
          const isMine = cut?.successor === own && (await copies().holds(chain, cut))
          if (isMine) this.#once(`adopt ${chain}`, () => this.#goOn(cut))
          if (cut && cut.successor !== own) this.#once(`remind ${chain}`, () => this.#remind(cut))
          continue
        }
        if (this.#silence.ofMs(chain) > probeMs) {
          this.#once(`probe ${known.writer}`, () => this.#probe(known.writer))
        }
        if (await this.#isDue(chain, known)) {
          this.#once(`propose ${chain}`, () => this.#propose(chain, known))
        }
      }
      if (time.now() >= this.#homesAt + homesMs) {
        this.#homesAt = time.now()
        this.#once('homes', () => this.#sealedAway.look())
      }
    }
  }

  /** Whether it is time that this member proposes to end an epoch. */
  async #isDue(chain: ChainId, known: Known): Promise<boolean> {
    const { own, memory, time } = this.#ground
    if (time.now() < (this.#notBefore.get(chain) ?? 0)) return false
    const { writer, governance, epoch } = known
    const members = governance.members.map(({ coordinator }) => coordinator)
    // Who left a chain of its own leaves it to the others: nobody takes a cut that names it.
    if (writer === own || !members.includes(own)) return false
    const alive = members.filter(
      (key) => key !== writer && (key === own || this.#silence.isAlive(key)),
    )
    const turnMs = heirs(chain, epoch, alive).indexOf(own) * stepMs
    if (await this.#isLeft(chain, known, turnMs)) return true
    // What was forked has to end, however alive its writer is.
    if (this.#frozenMs(chain, epoch) >= Math.max(0, turnMs)) return true
    // Who took a cut does not cosign: either the epoch ends, or the others show that it goes on.
    const vow = await memory.vow(chain, epoch)
    const bound = vow.ok ? boundOf(vow.value?.pledge) : undefined
    return bound !== undefined && known.cosigned <= bound
  }

  /** Whether others have to go on with a chain, since its writer does not. */
  async #isLeft(chain: ChainId, known: Known, turnMs: number): Promise<boolean> {
    const { writer, epoch } = known
    const silentMs = this.#silence.ofMs(chain) - turnMs
    if (silentMs < limits.silentMs || silentMs >= limits.restMs) return silentMs >= limits.restMs
    // Who is away may come back with what it took over; who is there has lost it.
    const mayComeBack = epoch > 0 && this.#ground.others.keys.includes(writer)
    const isBack = this.#silence.aliveMs(writer) - turnMs >= limits.silentMs
    return !mayComeBack || isBack || !(await known.isAtRest())
  }

  async #propose(chain: ChainId, known: Known): Promise<void> {
    const { own, memory, copies, time, log, others } = this.#ground
    const { epoch } = known
    const vow = await memory.vow(chain, epoch)
    const before = vow.ok ? (vow.value?.pledge?.ballot.number ?? 0) : 0
    const number = Math.max(before, this.#highest.get(chain) ?? 0) + 1
    const ask = async (member: CoordinatorId, question: SealQuestion) => {
      if (member === own) return await this.voter.answer(question, own)
      const answer = await others.askAside(member, question, { signal: this.#gone, withinMs })
      if (answer.ok) this.#silence.met(member)
      return answer
    }
    log.info({ chain, epoch, writer: known.writer, ballot: number }, 'proposes to end an epoch')
    const isForked = this.#ground.voting.isFrozen(chain, epoch)
    const ground = { id: own, ask, wall: () => time.wall(), isForked }
    const proposed = await new Proposal(ground, endingOf(chain, known), number).make()
    // Two that propose at one time would go beyond each other for ever.
    this.#notBefore.set(chain, time.now() + stepMs * (0.5 + Math.random()))
    if (proposed.type === 'failed') {
      this.#highest.set(chain, proposed.highest)
      log.warn({ chain, epoch, why: proposed.why }, 'not sealed')
      return
    }
    const seal = await sealIn(proposed.seal, endingOf(chain, copies().known(chain) ?? known))
    if (seal === undefined) {
      log.warn({ chain, epoch }, 'not sealed: no quorum of its roster')
      return
    }
    log.info({ chain, epoch, size: seal.size, successor: seal.successor }, 'sealed')
    const taken = await copies().sealed(proposed.seal)
    if (!taken.ok) log.error({ chain, refusal: taken.refusal }, 'a seal is not carried out')
  }

  /** Goes on with a chain, unless that has begun and was forgotten: then others end that epoch. */
  async #goOn(seal: Seal): Promise<void> {
    const { copies, memory, time } = this.#ground
    const { chain, epoch } = seal
    const known = copies().known(chain)
    if (known === undefined) return
    const begun = await hasBegun(this.#ground, known, seal, this.#gone)
    const mayBegin = begun === false || (begun === undefined && (await isRemembered(memory, seal)))
    const isThere = copies().known(chain)?.epoch === epoch
    if (mayBegin && isThere) await this.#ground.adopt(chain)
    else await waited(time, limits.silentMs, this.#gone)
  }

  /** Tells a successor that does not go on what it may have lost. */
  async #remind(seal: Seal): Promise<void> {
    const { copies } = this.#ground
    await remind({ ...this.#ground, known: (chain) => copies().known(chain) }, seal, this.#gone)
  }

  /** Asks a member whether it is there, and writes what was silent. */
  async #probe(writer: CoordinatorId): Promise<void> {
    const { others, copies } = this.#ground
    const asked = { signal: this.#gone, withinMs: probeMs }
    const hear = (signed: Signed<Beacon>) => {
      const beacon = open(beaconDocument, signed)
      if (beacon.ok && beacon.value.coordinator === writer) this.heard(beacon.value.chain, writer)
    }
    const all = await others.askAside(writer, { type: 'beacons' }, asked)
    if (!all.ok) return
    all.value.beacons.forEach(hear)
    // Of many chains not all are in one answer.
    for (const chain of copies().chains) {
      const isSilent =
        copies().known(chain)?.writer === writer && this.#silence.ofMs(chain) > probeMs
      if (!isSilent) continue
      const answer = await others.askAside(writer, { type: 'beacon', chain }, asked)
      if (answer.ok) hear(answer.value.beacon)
    }
  }

  async #learn(chain: ChainId, from: CoordinatorId): Promise<void> {
    const { others, copies, log } = this.#ground
    const known = copies().known(chain)
    if (known === undefined) return
    const question = { type: 'sealed' as const, chain, epoch: known.epoch }
    const answer = await others.askAside(from, question, { signal: this.#gone, withinMs: probeMs })
    if (!answer.ok || answer.value.type !== 'sealed') return
    const seal = await sealIn(answer.value.seal, endingOf(chain, known))
    if (seal === undefined) return
    const taken = await copies().sealed(answer.value.seal)
    const { epoch, size, successor } = seal
    if (taken.ok) log.info({ chain, epoch, size, successor }, 'follows a successor')
    else log.error({ chain, refusal: taken.refusal }, 'a seal is not carried out')
  }

  /** What the others of a roster say that they have promised. */
  async #poll(
    chain: ChainId,
    epoch: number,
    { members }: Electorate,
  ): Promise<(Pledge | undefined)[]> {
    const { others, copies } = this.#ground
    const writer = copies().known(chain)?.writer
    const asked = { signal: this.#gone, withinMs: probeMs }
    const of = new Set(members.map(({ coordinator }) => coordinator))
    const keys = others.keys.filter((key) => key !== writer && of.has(key))
    const told = await Promise.all(
      keys.map(async (key) => {
        const answer = await others.askAside(key, { type: 'sealed', chain, epoch }, asked)
        return answer.ok && answer.value.type === 'promised' ? [answer.value.pledge] : []
      }),
    )
    return told.flat()
  }

  /** For how long it is known that an epoch was forked; below 0 if it is not. */
  #frozenMs(chain: ChainId, epoch: number): number {
    if (!this.#ground.voting.isFrozen(chain, epoch)) return -1
    const now = this.#ground.time.now()
    const known = this.#frozen.get(chain)
    if (known?.epoch === epoch) return now - known.from
    this.#frozen.set(chain, { epoch, from: now })
    return 0
  }

  /** Does something unless it is under way. */
  #once(what: string, act: () => Promise<void>): void {
    if (this.#busy.has(what)) return
    const running = act().finally(() => this.#busy.delete(what))
    this.#busy.set(what, running)
    throwing(running)
  }
}

function endingOf(chain: ChainId, { epoch, writer, governance, electorateAt }: Known): Ending {
  return { chain, epoch, writer, electorate: governance, electorateAt }
}
