import { join } from 'node:path'
import { extendsTree } from '@nexapod/ledger'
import type { Seen } from '@nexapod/ledger/store'
import { type Mesh, throwing } from '@nexapod/mesh'
import {
  type Answer,
  type AnswerMessage,
  accept,
  type ChainId,
  type Change,
  type Checkpoint,
  type CoordinatorId,
  type Cut,
  checkpointDocument,
  checkpointId,
  cosignatureDocument,
  digestBytes,
  limits,
  open,
  type Place,
  type Question,
  refuse,
  type Seal,
  type Signed,
  type Signer,
  sealDocument,
  sign,
} from '@nexapod/specs'
import { type Chains, FollowedChain } from '../chains.ts'
import { copiesIn } from '../ends/leaving.ts'
import type { Memory } from '../ends/memory.ts'
import type { Known, Voter } from '../ends/voter.ts'
import type { Feed } from '../home/feed.ts'
import type { Log } from '../log.ts'
import type { Cosigner } from '../readings.ts'
import type { Threads } from '../threads/threads.ts'
import type { Time } from '../time.ts'
import { Copy } from './copy.ts'
import type { Evidence } from './evidence.ts'
import { Following } from './following.ts'
import type { Forks } from './forks.ts'
import { knownOf } from './known.ts'
import type { Mirror } from './mirror.ts'
import type { Others } from './others.ts'

type Claim = Pick<Checkpoint, 'coordinator' | 'chain' | 'epoch'>

/** How long a witness waits for the entries below a checkpoint that it is to cosign. */
const behindMs = limits.answerMs / 3
/** How long for them to come by themselves, until it turns to who asks. */
const aloneMs = 1000

/** What a witness stands on. */
export interface WitnessGround {
  /** Where the copies are. */
  readonly directory: string
  /** Where they are learnt. */
  readonly threads: Pick<Threads, 'place'>
  readonly mesh: Pick<Mesh, 'id' | 'on'>
  readonly others: Pick<Others, 'keys' | 'open'>
  readonly forks: Pick<Forks, 'isFrozen' | 'take'>
  readonly evidence: Pick<Evidence, 'heard' | 'inquire' | 'doubted' | 'pass'>
  /** What was seen is kept there before it is said. */
  readonly memory: Pick<Memory, 'seen' | 'seal' | 'keepSeal' | 'ended'>
  /** Whoever knows what was promised about the ends of epochs. */
  readonly voter: Pick<Voter, 'see'>
  /** Copies are shown there while they are open. */
  readonly chains: Pick<Chains, 'add' | 'move'>
  /** What jobs brought is fetched there. */
  readonly mirror: Pick<Mirror, 'admitted' | 'ended'>
  readonly signer: Signer
  readonly time: Time
  readonly log: Log
  /** Whether a chain is written here, or is about to be. */
  isWritten(chain: ChainId): boolean
  /** A change of the roster or the rates stands on a chain that is followed. */
  amended(change: Change, chain: ChainId): void
  /** A chain that is followed has banned somebody. */
  banned(): void
  /** Something came from a member about a chain. */
  heard(chain: ChainId, from: CoordinatorId): void
  /** A member says that it writes a later epoch than is known here: it has to show the seal. */
  later(chain: ChainId, from: CoordinatorId): void
}

/** Follows the chains of the other coordinators, and signs what it has found true of them. */
export class Witness implements Cosigner, AsyncDisposable {
  readonly #ground: WitnessGround
  readonly #gone: AbortSignal
  readonly #opening = new Map<ChainId, Promise<Following | undefined>>()
  readonly #followings = new Map<ChainId, Following>()
  /** What was on the disk is open when this resolves. */
  #there: Promise<void> = Promise.resolve()
  /** Who has made a chain known here. */
  readonly #named = new Map<ChainId, CoordinatorId>()

  constructor(ground: WitnessGround, gone: AbortSignal) {
    this.#ground = ground
    this.#gone = gone
    const { mesh, forks, evidence } = ground
    mesh.on('beacon', ({ says }) => throwing(this.#meet(says)))
    mesh.on('checkpoint', ({ document, says }) => throwing(evidence.heard(document, says)))
    mesh.on('fork', ({ document }) => throwing(forks.take(document)))
  }

  /** Opens the copies that are on the disk, so that others can have them: one after the other. */
  begin(): void {
    const { directory, isWritten } = this.#ground
    this.#there = copiesIn(directory).then(async (chains) => {
      for (const chain of chains) if (!isWritten(chain)) await this.#opened(chain, undefined)
    })
    throwing(this.#there)
  }

  /** A chain that is followed here; who asks while it is being opened waits. */
  async feedOf(chain: ChainId): Promise<Feed | undefined> {
    if (!this.#opening.has(chain)) await this.#there
    return (await this.#opening.get(chain))?.copy.feed
  }

  /** The same, if it is open. */
  feedNow(chain: ChainId): Feed | undefined {
    return this.#followings.get(chain)?.copy.feed
  }

  /** The copy of a chain, for who takes it over. */
  copyOf(chain: ChainId): Copy | undefined {
    return this.#followings.get(chain)?.copy
  }

  /** The chains that are followed. */
  get chains(): readonly ChainId[] {
    return [...this.#followings.keys()]
  }

  /** What is known of a chain that is followed. */
  known(chain: ChainId): Known | undefined {
    return knownOf(this.copyOf(chain))
  }

  /** Follows a chain that a member knows of, and that was not known here. */
  learn(chain: ChainId, from: CoordinatorId): void {
    if (!this.#ground.isWritten(chain)) throwing(this.#opened(chain, from))
  }

  /** Whether all below a cut is here and found true; else it is fetched from somebody. */
  async reach(chain: ChainId, cut: Cut, from: CoordinatorId): Promise<boolean> {
    const until = AbortSignal.any([this.#gone, AbortSignal.timeout(behindMs)])
    const following = this.#followings.get(chain) ?? (await this.#opened(chain, from))
    if (following === undefined) return false
    const { tip, trueSize } = following.copy
    if (trueSize < cut.size) following.meet(from)
    const isForked = () => this.#ground.forks.isFrozen(chain, tip?.epoch ?? 0)
    return await following.reach(cut, isForked, until)
  }

  /** Whether the history that has this place is here. */
  async holds(chain: ChainId, place: Place): Promise<boolean> {
    return (await this.#followings.get(chain)?.copy.feed.has(place)) ?? false
  }

  /** Whether a seal has ended its epoch, and the history that counts is here. */
  isSettled(chain: ChainId): boolean {
    return this.#followings.get(chain)?.isSettled ?? false
  }

  /** An epoch of a chain was sealed. */
  async sealed(signed: Signed<Seal>): Promise<Answer<unknown>> {
    const seal = open(sealDocument, signed)
    if (!seal.ok) return seal
    const kept = await this.#ground.memory.keepSeal(signed)
    if (kept.ok) this.#followings.get(seal.value.chain)?.seal(seal.value)
    return kept
  }

  /** Gives a copy away, to be written here from now on: nothing of it is open any more. */
  async give(chain: ChainId): Promise<void> {
    const following = await this.#opening.get(chain)
    this.#ground.chains.move(chain)
    await following?.stop()
    this.#opening.delete(chain)
    this.#followings.delete(chain)
    await following?.copy[Symbol.asyncDispose]()
  }

  /** Cosigns what was found true, once it is on the disk that it was seen. */
  async cosign(
    { checkpoint, from, path }: Question & { readonly type: 'witness' },
    signal: AbortSignal,
  ): Promise<Answer<AnswerMessage>> {
    const opened = open(checkpointDocument, checkpoint)
    if (!opened.ok) return opened
    const { chain, epoch, size, root, head, coordinator } = opened.value
    const { others, forks, evidence } = this.#ground
    if (!others.keys.includes(coordinator)) return refuse('chain.roster')
    // Nobody waits for gossip: who asks is followed from then on.
    const following = await this.#meet(opened.value)
    await evidence.heard(checkpoint, opened.value)
    if (forks.isFrozen(chain, epoch)) return refuse('ledger.forked')
    // Of chains that are not followed, one who lies has as many as he likes.
    if (following === undefined) return refuse('ledger.unknown', { detail: `the chain ${chain}` })
    evidence.pass(checkpoint, opened.value)
    const { copy } = following
    const { memory, voter } = this.#ground
    const isOver = (copy.tip?.epoch ?? 0) > epoch || following.hasEnded(epoch)
    if (isOver) return refuse('ledger.sealed')
    const seen = await memory.seen(chain)
    if (!seen.ok) return seen
    const before = seen.value?.size ?? 0
    if (from !== before) return accept({ type: 'behind', size: before })
    const extended =
      seen.value === undefined || before === 0 || isExtended(seen.value, opened.value, path)
    if (!extended) return refuse('proof.false', { detail: `it does not extend ${before}` })
    const until = AbortSignal.any([signal, this.#gone, AbortSignal.timeout(behindMs)])
    const cancel = this.#ground.time.after(aloneMs, () => following.turn())
    // What its author has signed since is followed to there at once: that can be asked about.
    const isHere = () => copy.found(checkpoint) || copy.trueSize > size
    while (!isHere() && !until.aborted) await copy.feed.news(until)
    cancel()
    if (!copy.found(checkpoint)) {
      const detail = `${copy.trueSize} entries are here, and not ${size}`
      return refuse('wire.deadline', { detail })
    }
    if (forks.isFrozen(chain, epoch)) return refuse('ledger.forked')
    const kept = await voter.see(chain, { epoch, size, head, root }, copy.cosigned)
    if (!kept.ok) return kept
    const { signer, time } = this.#ground
    const says = {
      ...{ v: 1 as const, chain, epoch, size },
      checkpoint: checkpointId(checkpoint),
      witness: signer.id as CoordinatorId,
      time: time.wall(),
    }
    return accept({ type: 'cosignature', cosignature: sign(cosignatureDocument, says, signer) })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const opening of this.#opening.values()) {
      const following = await opening
      await following?.ended
      await following?.copy[Symbol.asyncDispose]()
    }
  }

  /** Follows a chain that a member writes from now on, once its copy is open. */
  async #meet({ coordinator, chain, epoch }: Claim): Promise<Following | undefined> {
    const { others, later, isWritten } = this.#ground
    if (isWritten(chain) || !others.keys.includes(coordinator)) return undefined
    const known = this.#followings.get(chain)
    if (known === undefined) return await this.#opened(chain, coordinator)
    const { tip } = known.copy
    const isWriter = tip === undefined || coordinator === tip.coordinator
    if (tip !== undefined && epoch > tip.epoch) later(chain, coordinator)
    // Who is behind a seal does not write it any more, whatever it says.
    else if (isWriter && !known.hasEnded(epoch)) known.meet(coordinator)
    return known
  }

  #opened(chain: ChainId, writer: CoordinatorId | undefined): Promise<Following | undefined> {
    const known = this.#opening.get(chain)
    if (known !== undefined) return known
    if (writer !== undefined) {
      if (this.#begunBy(writer) >= limits.chainsOfOneMax) return Promise.resolve(undefined)
      this.#named.set(chain, writer)
    }
    const opening = this.#open(chain, writer)
    this.#opening.set(chain, opening)
    return opening
  }

  /** How many chains a member has begun that nobody has ended, as far as is known. */
  #begunBy(writer: CoordinatorId): number {
    const begun = [...this.#opening.keys()].filter((chain) => {
      const tip = this.copyOf(chain)?.tip
      if (tip === undefined) return this.#named.get(chain) === writer
      return tip.coordinator === writer && tip.epoch === 0
    })
    return begun.length
  }

  async #open(chain: ChainId, named: CoordinatorId | undefined): Promise<Following | undefined> {
    const { directory, threads, mesh, log, time, others, evidence, forks, amended } = this.#ground
    if (this.#gone.aborted) return undefined
    const opened = await Copy.open({
      ...{ directory: join(directory, chain), chain, mesh: mesh.id, threads },
      isFrozen: (epoch) => forks.isFrozen(chain, epoch),
      amended: (change) => amended(change, chain),
      banned: () => this.#ground.banned(),
      sealed: (seal) => throwing(this.#ground.memory.keepSeal(seal)),
      admitted: (job) => this.#ground.mirror.admitted(chain, job),
      ended: (job) => this.#ground.mirror.ended(job),
    })
    if (!opened.ok) {
      log.error({ chain, refusal: opened.refusal }, 'not followed')
      this.#opening.delete(chain)
      return undefined
    }
    const copy = opened.value
    log.info({ chain, coordinator: copy.tip?.coordinator ?? named, size: copy.size }, 'following')
    const { memory } = this.#ground
    const last = memory.ended.get(chain)
    const seal = last === undefined ? undefined : await memory.seal(chain, last)
    const ended = seal?.ok && seal.value ? open(sealDocument, seal.value) : undefined
    const heard = (member: CoordinatorId) => this.#ground.heard(chain, member)
    const around = { others, evidence, time, log, heard }
    const following = new Following(copy, named, around, this.#gone)
    if (ended?.ok) following.seal(ended.value)
    this.#followings.set(chain, following)
    this.#ground.chains.add(new FollowedChain(copy, forks))
    throwing(following.ended)
    for (const job of await copy.openJobs()) this.#ground.mirror.admitted(chain, job)
    throwing(evidence.inquire(chain))
    return following
  }
}

function isExtended(seen: Seen, next: Checkpoint, path: readonly Uint8Array[]): boolean {
  const [from, to] = [seen, next].map(({ size, root }) => ({ size, root: digestBytes(root) }))
  return from !== undefined && to !== undefined && extendsTree(from, to, path)
}
