import { join } from 'node:path'
import { keepSnapshot, type Store } from '@nexapod/ledger/store'
import { type Answerer, type Caller, throwing } from '@nexapod/mesh'
import {
  type Answer,
  type AnswerMessage,
  accept,
  type Beacon,
  type ChainId,
  type Change,
  type JobId,
  limits,
  type Question,
  type Refusal,
  refusalOf,
  type Signed,
} from '@nexapod/specs'
import type { Begun } from '../../core/begin.ts'
import type { Elsewhere } from '../../core/event.ts'
import type { State } from '../../core/state.ts'
import type { Ending } from '../ends/proposal.ts'
import { Abroad } from '../others/abroad.ts'
import { changeOn, governanceAt } from '../others/governed.ts'
import { unknown } from '../readings.ts'
import { within } from '../time.ts'
import { Answers } from './answers.ts'
import { Awaited } from './awaited.ts'
import { beaconNow } from './beacon.ts'
import { Comparer, type Comparison } from './compare/comparer.ts'
import { Desk, type WorkChannel } from './desk.ts'
import { Feed } from './feed.ts'
import type { HomeChain, HomeGround } from './home-ground.ts'
import { Intake } from './intake.ts'
import { Keeper } from './keeper.ts'
import { Notary } from './notary.ts'
import { givenOf } from './rows.ts'
import { type Act, type Append, Sequence } from './sequence.ts'
import { Snapshots } from './snapshots.ts'
import { View } from './view.ts'
import { Whys } from './why.ts'

/** A chain that is written here: everything that happens to it, in one order. */
export class Home implements AsyncDisposable {
  readonly chain: ChainId
  /** The chain as it is read. */
  readonly feed: Feed<Store>
  /** What is shown of it. */
  readonly view: View
  readonly abroad: Abroad
  /** Answers what is asked of this chain, by whoever has its data here already. */
  readonly ask: Answerer
  /** Resolves when it cannot go on: with the reason, or with none when it was closed. */
  readonly ended: Promise<Refusal | undefined>
  readonly #ground: HomeGround
  readonly #store: Store
  readonly #begun: Begun
  readonly #gone = new AbortController()
  readonly #sequence: Sequence
  readonly #desk: Desk
  readonly #answers: Answers
  readonly #intake: Intake
  readonly #keeper: Keeper
  readonly #comparer: Comparer
  readonly #notary: Notary
  readonly #awaited: Awaited
  #asking: Promise<void> = Promise.resolve()
  readonly #snapshots: Snapshots
  #idle = Promise.withResolvers<void>()
  #isLost = false
  readonly #firm = Promise.withResolvers<void>()

  constructor(ground: HomeGround, { directory, store, begun }: HomeChain) {
    const { signer, mesh, apart, others, forks, evidence, time, log } = ground
    const { state } = begun
    const gone = this.#gone.signal
    this.#ground = ground
    this.#store = store
    this.#begun = begun
    this.chain = state.chain
    this.#snapshots = new Snapshots(store, state.ledger, { time, log })
    this.#sequence = new Sequence(state, {
      time,
      room: () => store.room,
      append: (effect) => this.#append(effect),
      perform: (act) => this.#perform(act),
      stepped: () => this.#stepped(),
      drained: () => this.#desk.resume(),
    })
    this.ended = this.#sequence.ended
    this.feed = new Feed(store)
    this.#awaited = new Awaited(time, () => others.keys.length === 0)
    const { feed } = this
    this.#keeper = new Keeper(
      {
        ...{ directory, data: mesh.data, feed, time, log },
        others: () => (state.epoch === 0 ? [] : others.keys),
        endedIn: (job) => state.ledger.state.jobs.get(job)?.ended?.seq,
      },
      gone,
    )
    this.#comparer = new Comparer(
      { ...{ directory: join(directory, 'comparing'), apart, kept: mesh.data }, time, log },
      gone,
    )
    this.#notary = new Notary(
      {
        ...{ signer, time, log, feed, others, sequence: this.#sequence },
        covered: (size) => this.#awaited.covered(size),
        kept: (size) => this.#keeper.kept(size),
        publish: (checkpoint) => mesh.publish('checkpoint', checkpoint),
        isFrozen: () => this.isFrozen,
        doubted: (witness) => evidence.doubted(this.chain, witness),
      },
      gone,
    )
    forks.on(() => this.#freeze())
    this.abroad = new Abroad(this.#sequence, () => ground.beside(this.chain))
    this.#desk = new Desk(this.#sequence, time)
    this.view = new View(this.#sequence, feed, () => this.isFrozen)
    const whys = new Whys(this.view, time)
    this.#answers = new Answers({
      inbox: this.#sequence,
      firm: (seq, say) => this.#awaited.firm(seq, say),
      ...{ isFrozen: () => this.isFrozen, isAsked: () => state.firmFrom === undefined },
      asked: () => within(time, limits.answerMs / 3, [this.#firm.promise]),
      beacon: (chain = this.chain) => {
        return chain === this.chain ? accept(this.beacon()) : unknown(chain)
      },
      why: (asked) => whys.answer(asked),
      shown: (checkpoint) => evidence.shown(checkpoint),
    })
    this.ask = this.#answers.answer
    const isKnown = (job: JobId) => this.knows(job)
    this.#intake = new Intake({ data: mesh.data, chain: this.chain, ask: this.ask, isKnown }, gone)
  }

  /** What it knows: the ledger as it was folded, and promises that expire. */
  get state(): State {
    return this.#sequence.state
  }

  /** Whether it was forked: then nothing more is signed, taken or leased here. */
  get isFrozen(): boolean {
    const { chain, epoch } = this.#store.tip
    return this.#ground.forks.isFrozen(chain, epoch)
  }

  /** The epoch that is written here, and who decides about its end. */
  get ending(): Ending {
    const { ledger, chain, epoch, coordinator: writer } = this.state
    const electorate = ledger.chain.tip?.governance
    if (electorate === undefined) throw new Error('a chain begins with its genesis')
    const governed = (size: number) => governanceAt(this.#store, ledger, size)
    const electorateAt = (size: number) => this.feed.read(() => governed(size))
    return { chain, epoch, writer, electorate, electorateAt }
  }

  /** Whether a job was admitted here. */
  knows(job: JobId): boolean {
    return this.state.ledger.state.jobs.get(job) !== undefined
  }

  /** The last change of roster and rates that stands on the chain. */
  get revision(): number {
    return this.state.ledger.chain.tip?.governance.revision ?? 0
  }

  /** Writes the changes that follow. */
  amend(changes: readonly Change[]): void {
    this.#sequence.happen({ type: 'amended', changes })
  }

  /** The sign of life of this moment. */
  beacon(): Signed<Beacon> {
    const { mesh, signer, time } = this.#ground
    return beaconNow({ mesh, state: this.state, feed: this.feed, signer, time })
  }

  /** Does what the recovery came to; it may be spoken to if this is true. */
  async begin(): Promise<boolean> {
    // What is held for the jobs of other homes is theirs.
    const isHeld = (id: JobId, unit: number) => {
      return !this.knows(id) || this.state.jobs.get(id)?.units.get(unit)?.stage === 'open'
    }
    await this.#comparer.begin(isHeld)
    this.#sequence.begin(this.#begun.effects)
    this.#ground.ended.tell(this.#sequence)
    const synced = await this.#sequence.synced()
    // Whoever looks at `ended` is told why.
    if (!synced.ok) return false
    await this.#keeper.begin()
    this.#freeze()
    return true
  }

  /** Signs from now on, once the witnesses were asked; a quorum mostly cosigns in a moment. */
  async sign(): Promise<void> {
    const { log, others, time } = this.#ground
    const asking = this.#notary.begin().then((begun) => {
      if (begun.ok) return
      log.error({ refusal: begun.refusal }, 'nothing is signed')
      // What another process with this key has signed is no proof, as long as this one has not.
      const isLeft = begun.refusal.code === 'ledger.forked' && !this.isFrozen
      if (isLeft || begun.refusal.code === 'ledger.behind') this.#sequence.fail(begun.refusal)
    })
    throwing(asking)
    this.#asking = asking
    // With nobody to be asked, there is nothing to wait for.
    if (others.keys.length === 0) await asking
    await within(time, limits.answerMs / 10, [this.#firm.promise, this.ended])
  }

  /** A node has opened a stream, of which other chains say this. */
  opened(channel: WorkChannel, caller: Caller, elsewhere: readonly Elsewhere[]): void {
    if (this.isFrozen) channel.refuse(refusalOf('ledger.forked'))
    else this.#desk.opened(channel, caller, elsewhere)
  }

  /** Answers a question of the mesh. Whoever publishes is asked for the data of the job first. */
  answer(question: Question, caller: Caller, signal: AbortSignal): Promise<AnswerMessage> {
    return this.#intake.answer(question, caller, signal)
  }

  /** Its epoch was sealed, and others go on: it says nothing more for its chain. */
  lose(): void {
    this.#isLost = true
    this.#sequence.stop()
    const refusal = refusalOf('ledger.sealed')
    this.#answers.close(refusal)
    this.#desk.close(refusal)
  }

  /** Takes nothing new, and waits until what is under way has ended, so long at most. */
  async drain(withinMs: number): Promise<void> {
    const { log, time } = this.#ground
    this.#sequence.happen({ type: 'drain' })
    const { chain, state } = this
    log.info({ chain, nodes: this.#desk.size, leases: state.leases.size }, 'draining')
    await within(time, withinMs, [this.#idle.promise, this.ended])
  }

  /** Writes what waits, signs where it stands, and ends all that is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    const synced = await this.#sequence.synced()
    if (synced.ok && this.#ground.others.keys.length === 0) await this.#notary.checkpoint()
    this.#sequence.stop()
    // After a sync that failed nobody knows what was done, and nothing is said about it.
    if (synced.ok) this.#answers.close(refusalOf('wire.closing'))
    this.#desk.close(refusalOf('wire.closing'))
    this.#awaited[Symbol.dispose]()
    this.#gone.abort()
    await this.#asking
    await this.#notary[Symbol.asyncDispose]()
    await this.#snapshots[Symbol.asyncDispose]()
    await this.#keeper[Symbol.asyncDispose]()
    await this.#comparer[Symbol.asyncDispose]()
    if (synced.ok && !this.#isLost) await keepSnapshot(this.#store, this.state.ledger)
    await this.feed.idle()
  }

  /** Of a chain that was forked nothing is promised: nodes go elsewhere, with what they have. */
  #freeze(): void {
    if (this.isFrozen) this.#sequence.happen({ type: 'drain' })
  }

  async #append({ taken, rows }: Append): Promise<Answer<unknown>> {
    const given = givenOf(rows)
    const store = this.#store
    const written = taken.length > 0 ? await store.append(taken, given) : await store.give(given)
    if (written.ok) {
      this.feed.changed()
      this.feed.onRows(rows.map(({ name }) => name))
    }
    return written
  }

  #perform(act: Act): void {
    switch (act.type) {
      case 'send':
        this.#desk.say(act.stream, act.messages)
        break
      case 'hangUp':
        this.#desk.hangUp(act.stream, act.refusal)
        break
      case 'answer':
        this.#answers.answered(act.call, act.answer)
        break
      case 'compare':
        throwing(this.#compare(act))
        break
      case 'tell': {
        const { type, ...facts } = act.news
        // What is decided stands in the chain, thousands of times a second.
        if (type !== 'decided') this.#ground.log.info(facts, type)
        if (type === 'ended') throwing(this.#intake.release(act.news.job))
        if (type === 'decided') throwing(this.#comparer.release(act.news.job, act.news.unit))
        if (type === 'amended') throwing(this.#amended(act.news.revision))
      }
    }
  }

  async #amended(revision: number): Promise<void> {
    const { ledger } = this.state
    const change = await this.feed.read(() => changeOn(this.#store, ledger, revision))
    if (!change.ok) this.#ground.log.error({ refusal: change.refusal }, 'a change is not read')
    else if (!this.#gone.signal.aborted) this.#ground.amended(change.value, this.chain)
  }

  async #compare(comparison: Comparison): Promise<void> {
    const compared = await this.#comparer.compare(comparison)
    if (compared !== undefined) this.#sequence.happen(compared)
  }

  #stepped(): void {
    this.#notary.grown()
    if (this.state.firmFrom === undefined) this.#firm.resolve()
    if (this.state.draining && this.state.leases.size === 0) this.#idle.resolve()
    this.#snapshots.grown()
  }
}
