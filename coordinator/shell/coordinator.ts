import { join } from 'node:path'
import { keepSnapshot, type Store } from '@nexapod/ledger/store'
import {
  type Answerer,
  answerCalls,
  type StockedMesh,
  serveFollower,
  throwing,
} from '@nexapod/mesh'
import {
  type Answer,
  accept,
  type Beacon,
  type ChainId,
  type CoordinatorId,
  formatInvitation,
  type JobId,
  limits,
  type Mesh as MeshDocument,
  type MeshId,
  type Refusal,
  refusalOf,
  type Signed,
  type Signer,
} from '@nexapod/specs'
import type { Begun } from '../core/begin.ts'
import { Answers, unknown } from './answers.ts'
import { beaconNow, beacons } from './beacon.ts'
import { Comparer, type Comparison } from './compare/comparer.ts'
import { Desk } from './desk.ts'
import { Feed } from './feed.ts'
import { Intake } from './intake.ts'
import { Keeper } from './keeper.ts'
import type { Log } from './log.ts'
import { Notary } from './notary.ts'
import { Others } from './others.ts'
import { givenOf } from './rows.ts'
import { type Act, type Append, Sequence } from './sequence.ts'
import { machineTime as time } from './time.ts'
import { View } from './view.ts'
import { Whys } from './why.ts'
import { Witness } from './witness.ts'

/** What a coordinator is made of. */
export interface Parts {
  readonly config: {
    readonly directory: string
    readonly log: Log
  }
  readonly signer: Signer
  readonly store: Store
  readonly mesh: StockedMesh
  /** What nobody is shown: outputs that are compared before their verdict. */
  readonly apart: StockedMesh['data']
  readonly founded: MeshDocument
  readonly begun: Begun
  readonly release: AsyncDisposableStack
}

/** Entries after which the state is kept again, so that a restart folds no more than these. */
const snapshotEntries = 100_000

/** A coordinator's process: everything that happens to it, in one order. */
export class Coordinator implements AsyncDisposable {
  readonly id: CoordinatorId
  readonly mesh: MeshId
  readonly chain: ChainId
  /** What is shown of it. */
  readonly view: View
  /** Answers questions as they are answered on the mesh. */
  readonly ask: Answerer
  /** Resolves when it cannot go on: with the reason, or with none when it was closed. */
  readonly ended: Promise<Refusal | undefined>
  readonly #parts: Parts
  readonly #gone = new AbortController()
  readonly #sequence: Sequence
  readonly #feed: Feed
  readonly #desk: Desk
  readonly #answers: Answers
  readonly #intake: Intake
  readonly #keeper: Keeper
  readonly #comparer: Comparer
  readonly #beacon: () => Signed<Beacon>
  readonly #notary: Notary
  readonly #others: Others
  readonly #witness: Witness
  #asking: Promise<void> = Promise.resolve()
  #keptSize: number
  #keeping: Promise<void> | undefined
  #idle = Promise.withResolvers<void>()

  constructor(parts: Parts) {
    const { config, signer, store, mesh, apart, begun } = parts
    const { log, directory } = config
    const { state } = begun
    const gone = this.#gone.signal
    const { tip } = state.ledger.chain
    if (tip === undefined) throw new Error('a chain begins with its genesis')
    this.#parts = parts
    this.id = signer.id as CoordinatorId
    this.mesh = mesh.id
    this.chain = state.chain
    this.#keptSize = store.tip.size
    this.#sequence = new Sequence(state, {
      time,
      room: () => store.room,
      append: (effect) => this.#append(effect),
      perform: (act) => this.#perform(act),
      stepped: () => this.#stepped(),
      drained: () => this.#desk.resume(),
    })
    this.ended = this.#sequence.ended
    this.#feed = new Feed(store)
    this.#others = new Others(mesh, tip.governance, this.id, { time, log })
    this.#witness = new Witness(
      {
        directory: join(directory, 'copies'),
        ...{ mesh, store, signer, time, log, others: this.#others },
      },
      gone,
    )
    this.#keeper = new Keeper(
      {
        ...{ directory, data: mesh.data, feed: this.#feed, time, log },
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
        ...{ signer, time, log, feed: this.#feed },
        ...{ sequence: this.#sequence, others: this.#others },
        kept: (size) => this.#keeper.kept(size),
        publish: (checkpoint) => mesh.publish('checkpoint', checkpoint),
      },
      gone,
    )
    this.#beacon = () => beaconNow({ mesh, state, feed: this.#feed, signer, time })
    this.#desk = new Desk(this.#sequence, time)
    this.view = new View(this.#sequence, this.#feed)
    const whys = new Whys(this.view, time)
    this.#answers = new Answers({
      inbox: this.#sequence,
      feedOf: (chain) => this.#feedOf(chain),
      cosigner: this.#witness,
      beacon: (chain = this.chain) => {
        return chain === this.chain ? accept(this.#beacon()) : unknown(chain)
      },
      why: (asked) => whys.answer(asked),
    })
    this.ask = this.#answers.answer
    const isKnown = (job: JobId) => state.ledger.state.jobs.get(job) !== undefined
    this.#intake = new Intake({ data: mesh.data, chain: this.chain, ask: this.ask, isKnown }, gone)
  }

  /** Files and directories that nodes and publishers fetch from here. */
  get data(): StockedMesh['data'] {
    return this.#parts.mesh.data
  }

  /** Where it can be dialled. */
  addresses(): readonly string[] {
    return this.#parts.mesh.addresses()
  }

  /** The line that brings others here. */
  invitation(): string {
    const { founded, store } = this.#parts
    const own = { coordinator: this.id, addresses: this.addresses().slice(0, limits.addressesMax) }
    const { tip } = this.#sequence.state.ledger.chain
    const members = (tip?.governance.members ?? []).map((one) => {
      return one.coordinator === this.id ? own : one
    })
    const isMember = members.includes(own)
    if (!isMember) throw new Error(`${this.id} is not of the roster at ${store.tip.size}`)
    return formatInvitation({ v: 1, mesh: this.mesh, name: founded.name, members })
  }

  /** Does what the recovery came to, and opens the doors. */
  async begin(): Promise<void> {
    const { mesh, begun, config } = this.#parts
    const { jobs } = this.#sequence.state
    await this.#comparer.begin((id, unit) => jobs.get(id)?.units.get(unit)?.stage === 'open')
    this.#sequence.begin(begun.effects)
    const synced = await this.#sequence.synced()
    // Whoever looks at `ended` is told why.
    if (!synced.ok) return
    await this.#intake.sweep((id) => jobs.has(id))
    await this.#keeper.begin()
    await mesh.streams.serve('work', (channel, caller) => this.#desk.opened(channel, caller))
    await mesh.streams.serve('call', (channel, caller) => {
      answerCalls(channel, (question, signal) => this.#intake.answer(question, caller, signal))
    })
    await mesh.streams.serve('follow', (channel) => {
      serveFollower(channel, (...asked) => this.#read(...asked), time)
    })
    beacons(mesh, this.#beacon, time, this.#gone.signal)
    throwing(this.#others.keep(this.#gone.signal))
    const asking = this.#notary.begin().then((begun) => {
      if (!begun.ok) config.log.error({ refusal: begun.refusal }, 'nothing is signed')
    })
    throwing(asking)
    this.#asking = asking
    // With nobody to be asked, there is nothing to wait for.
    if (this.#others.keys.length === 0) await asking
  }

  /** Takes nothing new, and waits until what is under way has ended, so long at most. */
  async drain(withinMs: number): Promise<void> {
    this.#sequence.happen({ type: 'drain' })
    const { log } = this.#parts.config
    log.info({ nodes: this.#desk.size, leases: this.#sequence.state.leases.size }, 'draining')
    const late = Promise.withResolvers<void>()
    const cancel = time.after(withinMs, late.resolve)
    await Promise.race([this.#idle.promise, late.promise, this.ended])
    cancel()
  }

  /** Writes what waits, signs where it stands, and closes all that is open. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { store, release, config } = this.#parts
    const synced = await this.#sequence.synced()
    if (synced.ok && this.#others.keys.length === 0) await this.#notary.checkpoint()
    this.#sequence.stop()
    // After a sync that failed nobody knows what was done, and nothing is said about it.
    if (synced.ok) this.#answers.close()
    this.#desk.close(refusalOf('wire.closing'))
    this.#gone.abort()
    await this.#asking
    await this.#notary[Symbol.asyncDispose]()
    await this.#keeping
    await this.#keeper[Symbol.asyncDispose]()
    await this.#comparer[Symbol.asyncDispose]()
    if (synced.ok) await keepSnapshot(store, this.#sequence.state.ledger)
    await this.#others[Symbol.asyncDispose]()
    await this.#witness[Symbol.asyncDispose]()
    await this.#feed.idle()
    await release[Symbol.asyncDispose]()
    config.log.info({ entries: store.tip.size }, 'closed')
  }

  async #append({ taken, rows }: Append): Promise<Answer<unknown>> {
    const { store } = this.#parts
    const given = givenOf(rows)
    const written = taken.length > 0 ? await store.append(taken, given) : await store.give(given)
    if (written.ok) this.#feed.changed()
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
        if (type !== 'decided') this.#parts.config.log.info(facts, type)
        if (type === 'ended') throwing(this.#intake.release(act.news.job))
        if (type === 'decided') throwing(this.#comparer.release(act.news.job, act.news.unit))
      }
    }
  }

  async #compare(comparison: Comparison): Promise<void> {
    const compared = await this.#comparer.compare(comparison)
    if (compared !== undefined) this.#sequence.happen(compared)
  }

  #stepped(): void {
    const { state } = this.#sequence
    this.#notary.grown()
    if (state.draining && state.leases.size === 0) this.#idle.resolve()
    const { tip } = this.#parts.store
    if (this.#keeping !== undefined || tip.size - this.#keptSize < snapshotEntries) return
    this.#keptSize = tip.size
    this.#keeping = this.#keep()
  }

  async #keep(): Promise<void> {
    const { store, config } = this.#parts
    const from = time.now()
    const kept = await keepSnapshot(store, this.#sequence.state.ledger)
    const ms = Math.round(time.now() - from)
    if (kept.ok) config.log.info({ entries: this.#keptSize, ms }, 'snapshot')
    else config.log.error({ refusal: kept.refusal }, 'no snapshot')
    this.#keeping = undefined
  }

  #feedOf(chain: ChainId): Feed | undefined {
    return chain === this.chain ? this.#feed : this.#witness.feedOf(chain)
  }

  #read(chain: ChainId, from: number, ahead: boolean) {
    const feed = this.#feedOf(chain)
    // Of another's chain nothing is shown that was not checked.
    if (feed !== undefined) return feed.open(chain, from, ahead && chain === this.chain)
    return {
      ok: false,
      refusal: refusalOf('ledger.unknown', { detail: `the chain ${chain}` }),
    } as const
  }
}
