import {
  type Answerer,
  answerCalls,
  type Caller,
  type StockedMesh,
  serveFollower,
  throwing,
} from '@nexapod/mesh'
import {
  type Answer,
  type AnswerMessage,
  accept,
  type ChainId,
  type Change,
  type CoordinatorId,
  type JobId,
  type MeshId,
  type Question,
  type Refusal,
  refusalOf,
} from '@nexapod/specs'
import { Chains, WrittenChain } from './chains.ts'
import { ledgersIn } from './ends/adoption.ts'
import { Succession } from './ends/succession.ts'
import type { SealQuestion } from './ends/voter.ts'
import { beacons } from './home/beacon.ts'
import { Home } from './home/home.ts'
import type { HomeChain, HomeGround } from './home/home-ground.ts'
import { sweepJobs } from './home/intake.ts'
import type { View } from './home/view.ts'
import { invitationTo } from './invitation.ts'
import { received } from './lobby.ts'
import { besideOf, besides } from './others/abroad.ts'
import { Amendments } from './others/amendments.ts'
import { Ended } from './others/ended.ts'
import { Evidence } from './others/evidence.ts'
import { Mirror } from './others/mirror.ts'
import { Others } from './others/others.ts'
import { Witness } from './others/witness.ts'
import type { Parts } from './parts.ts'
import { concern, Readings, unknown } from './readings.ts'
import { machineTime as time } from './time.ts'

/**
 * A coordinator's process: its key, its mesh, its data, the others whom it knows; and around these
 * its homes, one for each chain that is written here. The home of its own chain is always there.
 */
export class Coordinator implements AsyncDisposable {
  readonly id: CoordinatorId
  readonly mesh: MeshId
  /** Its own chain. */
  readonly chain: ChainId
  /** All that are written or followed here, to be read. */
  readonly chains = new Chains()
  /** Answers questions as they are answered on the mesh. */
  readonly ask: Answerer
  /** Resolves when it cannot go on: with the reason, or with none when it was closed. */
  readonly ended: Promise<Refusal | undefined>
  readonly #parts: Parts
  readonly #gone = new AbortController()
  readonly #homes = new Map<ChainId, Home>()
  readonly #home: Home
  readonly #ground: HomeGround
  readonly #others: Others
  readonly #amendments: Amendments
  readonly #evidence: Evidence
  readonly #witness: Witness
  readonly #succession: Succession
  readonly #mirror: Mirror
  readonly #readings: Readings
  readonly #end: (why: Refusal | undefined) => void
  /** Chains that are about to be written here. */
  readonly #adopting = new Set<ChainId>()
  /** The stores of homes that were adopted. */
  readonly #adopted = new AsyncDisposableStack()

  constructor(parts: Parts) {
    const { config, signer, store, memory, forks, threads, mesh, apart, begun, line } = parts
    const { log, directory } = config
    const gone = this.#gone.signal
    this.#parts = parts
    this.id = signer.id as CoordinatorId
    this.mesh = mesh.id
    const others = new Others(mesh, line.governance, this.id, { time, log })
    this.#others = others
    this.#amendments = new Amendments(line, {
      ...{ mesh, log },
      homes: () => this.homes,
      follow: ({ members, quorum }) => {
        mesh.follow(members)
        others.follow({ members, quorum })
      },
    })
    const amended = (change: Change, chain: ChainId) => this.#amendments.hear(change, chain)
    const feedOf = (chain: ChainId) => this.#homes.get(chain)?.feed
    this.#evidence = new Evidence(
      {
        ...{ own: this.id, forks, others, mesh, time, log },
        feedOf: (chain) => feedOf(chain) ?? this.#witness.feedNow(chain),
      },
      gone,
    )
    forks.standOf = (chain) => this.#homes.get(chain)?.ending ?? this.#witness.known(chain)
    const [evidence, chains] = [this.#evidence, this.chains]
    const around = { own: this.id, threads, mesh, others, forks, evidence, memory, time, log }
    this.#succession = new Succession(
      {
        ...{ ...around, copies: () => this.#witness },
        voting: { signer, memory, isFrozen: (chain, epoch) => forks.isFrozen(chain, epoch) },
        homes: () => this.homes.map((home) => home.ending),
        adopt: (chain) => this.#adopt(chain),
        lost: (chain) => this.#lose(chain),
      },
      gone,
    )
    const { voter } = this.#succession
    const sources = (chain: ChainId) => this.#sourcesOf(chain)
    this.#mirror = new Mirror({ data: mesh.data, time, log, sources }, gone)
    const witnessing = { ...around, chains, mirror: this.#mirror, signer, voter, amended }
    this.#witness = new Witness(
      {
        ...{ ...witnessing, directory: ledgersIn(directory).copies },
        isWritten: (chain) => this.#homes.has(chain) || this.#adopting.has(chain),
        heard: (chain, from) => this.#succession.heard(chain, from),
        later: (chain, from) => this.#succession.later(chain, from),
        banned: () => this.homes.map((home) => home.abroad.hear()),
      },
      gone,
    )
    const beside = (chain: ChainId) => {
      const copies = this.#witness.chains.flatMap((one) => this.#witness.copyOf(one) ?? [])
      const homes = this.homes.map((home) => besideOf(home.chain, home.state.ledger))
      return besides(chain, [...homes, ...copies], (one, epoch) => forks.isFrozen(one, epoch))
    }
    this.#ground = { ...around, signer, apart, beside, amended, ended: new Ended(forks, memory) }
    this.#home = new Home(this.#ground, { directory, store, begun })
    this.chain = this.#home.chain
    const { promise, resolve } = Promise.withResolvers<Refusal | undefined>()
    this.ended = promise
    this.#end = resolve
    this.#take(this.#home)
    for (const one of parts.adopted) this.#hold(one)
    this.#readings = new Readings({
      feedOf: async (chain) => feedOf(chain) ?? (await this.#witness.feedOf(chain)),
      isWritten: (chain) => this.#homes.has(chain),
      beacons: () => this.homes.map((home) => home.beacon()),
      cosigner: this.#witness,
      line: this.#amendments,
      ...{ chains, forks, time },
    })
    this.ask = async (question, signal) => {
      if (isOfSeals(question)) return { type: 'refuse', refusal: refusalOf('chain.roster') }
      const read = await this.#readings.answer(question, signal)
      return read ?? (await this.#homeFor(question).ask(question, signal))
    }
  }

  /** What is shown of its own chain. */
  get view(): View {
    return this.#home.view
  }

  /** The chains that are written here, its own first. */
  get homes(): readonly Home[] {
    return [...this.#homes.values()]
  }

  /** How many chains are known to have been forked. */
  get forked(): number {
    return this.#parts.forks.all.length
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
    const own = { coordinator: this.id, addresses: this.addresses() }
    const members = this.#home.ending.electorate.members
    return invitationTo({ mesh: this.mesh, name: this.#parts.founded.name, members }, own)
  }

  /** Does what the recovery came to, and opens the doors. */
  async begin(): Promise<void> {
    const { mesh, memory } = this.#parts
    throwing(memory.failed.then((why) => this.#end(why)))
    for (const home of this.homes) if (!(await home.begin())) return
    this.#witness.begin()
    const isOpen = (id: JobId) => this.homes.some(({ state }) => state.jobs.has(id))
    await sweepJobs(mesh.data, isOpen)
    await mesh.streams.serve('work', (channel, caller) => {
      received(channel, caller, (chain) => this.#homeOf(chain))
    })
    await mesh.streams.serve('call', (channel, caller) => {
      answerCalls(channel, (question, signal) => this.#answer(question, caller, signal))
    })
    await mesh.streams.serve('follow', (channel) => {
      serveFollower(channel, (...asked) => this.#readings.open(...asked), time)
    })
    beacons(mesh, () => this.homes.map((home) => home.beacon()), time, this.#gone.signal)
    const gone = this.#gone.signal
    const met = (key: CoordinatorId) => {
      return this.#amendments.compare(key, (question) => this.#others.ask(key, question, gone))
    }
    throwing(this.#others.keep(met, gone))
    for (const { chain } of this.homes) throwing(this.#evidence.inquire(chain))
    this.#succession.begin()
    await Promise.all(this.homes.map((home) => home.sign()))
  }

  /** Takes nothing new, and waits until what is under way has ended, so long at most. */
  async drain(withinMs: number): Promise<void> {
    await Promise.all(this.homes.map((home) => home.drain(withinMs)))
  }

  /** Writes what waits, signs where it stands, and closes all that is open. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { store, release, config } = this.#parts
    // One that is adopted meanwhile comes last.
    for (const home of this.#homes.values()) await home[Symbol.asyncDispose]()
    this.#gone.abort()
    await this.#succession[Symbol.asyncDispose]()
    await this.#others[Symbol.asyncDispose]()
    await this.#mirror[Symbol.asyncDispose]()
    await this.#evidence.idle()
    await this.#witness[Symbol.asyncDispose]()
    for (const { feed } of this.homes) await feed.idle()
    await this.#adopted[Symbol.asyncDispose]()
    await release[Symbol.asyncDispose]()
    config.log.info({ entries: store.tip.size }, 'closed')
  }

  async #answer(question: Question, caller: Caller, signal: AbortSignal): Promise<AnswerMessage> {
    if (isOfSeals(question)) {
      const answer = await this.#succession.answer(question, caller.peer as CoordinatorId)
      return answer.ok ? answer.value : { type: 'refuse', refusal: answer.refusal }
    }
    const read = await this.#readings.answer(question, signal)
    return read ?? (await this.#homeFor(question).answer(question, caller, signal))
  }

  /** The others who may have what is on a chain that is followed: who writes it first. */
  #sourcesOf(chain: ChainId): readonly CoordinatorId[] {
    const writer = this.#witness.known(chain)?.writer
    return [...this.#others.keys].sort((a, b) => Number(b === writer) - Number(a === writer))
  }

  /** A chain is written here from now on. */
  #take(home: Home): void {
    this.#homes.set(home.chain, home)
    this.chains.add(new WrittenChain(home, home === this.#home ? 'own' : 'adopted'))
    throwing(home.ended.then((why) => this.#end(why)))
  }

  /** The same, with the store that it was opened with. */
  #hold(chain: HomeChain): Home {
    const home = new Home(this.#ground, chain)
    this.#adopted.use(chain.store)
    this.#take(home)
    return home
  }

  /** Goes on with a chain that a quorum has sealed to this coordinator. */
  async #adopt(chain: ChainId): Promise<void> {
    const { log } = this.#parts.config
    this.#adopting.add(chain)
    await this.#witness.give(chain)
    const opened = await this.#parts.openHome(chain)
    if (!opened.ok) {
      log.error({ chain, refusal: opened.refusal }, 'not adopted')
      this.#end(opened.refusal)
      return
    }
    if (this.#gone.signal.aborted) return await opened.value.store[Symbol.asyncDispose]()
    const home = this.#hold(opened.value)
    if (!(await home.begin())) return
    const { epoch, jobs } = home.state
    log.info({ chain, epoch, jobs: jobs.size }, 'adopted')
    this.#amendments.tell(home)
    await home.sign()
  }

  /** Another goes on with a chain that was written here: nothing more is said for it. */
  #lose(chain: ChainId): void {
    this.#end(refusalOf('ledger.sealed', { detail: `the chain ${chain}` }))
    this.#homes.get(chain)?.lose()
  }

  /** The home of a chain; its own, if none is named. */
  #homeOf(chain: ChainId = this.chain): Answer<Home> {
    const home = this.#homes.get(chain)
    return home === undefined ? unknown(chain) : accept(home)
  }

  /** The home that a question concerns; where none does, its own says so. */
  #homeFor(question: Question): Home {
    const { chain, job } = concern(question)
    if (chain !== undefined) return this.#homes.get(chain) ?? this.#home
    const knowing = job && this.homes.find((home) => home.knows(job))
    return knowing ?? this.#home
  }
}

function isOfSeals(question: Question): question is SealQuestion {
  return question.type === 'promise' || question.type === 'seal' || question.type === 'sealed'
}
