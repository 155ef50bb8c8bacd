import { type AnswerTo, Asker, machineClock, type StockedMesh } from '@nexapod/mesh'
import {
  type Answer,
  accept,
  type Beacon,
  beaconDocument,
  blame,
  type ChainId,
  type CoordinatorId,
  type Invitation,
  type JobId,
  open,
  type Question,
  type Refusal,
  refusalOf,
  refuse,
} from '@nexapod/specs'

type Members = Invitation['members']

/** A chain, and who writes it now by their own word. */
export interface Home {
  readonly coordinator: CoordinatorId
  readonly beacon: Beacon
}

/** How long one of them is waited for: one that is there answers in a fraction of it. */
const aliveMs = 10_000
/** How long the others are waited for once one has answered. */
const graceMs = 1000

/** What all were asked: the answers, and what is to be said where there are none. */
interface Asked<T> {
  readonly answers: readonly { readonly of: CoordinatorId; readonly said: T }[]
  readonly failed: Refusal
}

/** The coordinators of a mesh, to be asked. */
export class Callers implements AsyncDisposable {
  #members: Members
  readonly #mesh: StockedMesh
  readonly #renew: (signal: AbortSignal) => Promise<boolean>
  readonly #gone = new AbortController()
  readonly #askers = new Map<CoordinatorId, Asker>()
  /** The homes of jobs, as far as they are known. */
  readonly #homes = new Map<JobId, ChainId>()

  /** `renew` asks for the roster of now, which is then followed; whether it could be had. */
  constructor(
    mesh: StockedMesh,
    members: Members,
    renew: (signal: AbortSignal) => Promise<boolean>,
  ) {
    this.#mesh = mesh
    this.#members = members
    this.#renew = renew
  }

  /** Their keys, in the order of the invitation. */
  get keys(): readonly CoordinatorId[] {
    return this.#members.map(({ coordinator }) => coordinator)
  }

  /** From now on these are asked: the roster of now, where the invitation is of another day. */
  follow(members: Members): void {
    this.#members = members
  }

  /** Sees to it that there is a connection to one of them. */
  async reach(to: CoordinatorId, signal: AbortSignal): Promise<Answer<unknown>> {
    const addresses = this.#members.find(({ coordinator }) => coordinator === to)?.addresses ?? []
    return await this.#mesh.dial(to, addresses, signal)
  }

  /** Asks one of them. */
  async ask<Q extends Question>(
    of: CoordinatorId,
    question: Q,
    signal: AbortSignal,
  ): Promise<Answer<AnswerTo<Q>>> {
    let asker = this.#askers.get(of)
    if (asker === undefined) {
      asker = new Asker({ clock: machineClock, dial: () => this.#dial(of) })
      this.#askers.set(of, asker)
    }
    return await asker.ask(question, signal)
  }

  /** The same, of one that may have gone: who says nothing for a while is not there. */
  async askSoon<Q extends Question>(
    of: CoordinatorId,
    question: Q,
    signal: AbortSignal,
  ): Promise<Answer<AnswerTo<Q>>> {
    const until = AbortSignal.any([signal, AbortSignal.timeout(aliveMs)])
    return await within(until, signal, () => this.ask(of, question, until))
  }

  /**
   * All chains that are written by those who are there, each by whoever says so of the latest
   * epoch; the own chain of a coordinator stands before those that it took over.
   */
  async homes(signal: AbortSignal): Promise<Answer<readonly Home[]>> {
    const { answers, failed } = await this.#askAll({ type: 'beacons' }, signal)
    const homes = new Map<ChainId, Home>()
    for (const { of: coordinator, said } of answers) {
      for (const signed of said.beacons) {
        const beacon = open(beaconDocument, signed)
        const isIts = beacon.ok && beacon.value.coordinator === coordinator
        if (!isIts || beacon.value.mesh !== this.#mesh.id) continue
        const { chain, epoch } = beacon.value
        const before = homes.get(chain)
        if (before !== undefined && before.beacon.epoch >= epoch) continue
        homes.set(chain, { coordinator, beacon: beacon.value })
      }
    }
    return homes.size === 0 ? { ok: false, refusal: failed } : accept([...homes.values()])
  }

  /** Who writes a chain now, if somebody says so. */
  async writerOf(chain: ChainId, signal: AbortSignal): Promise<CoordinatorId | undefined> {
    const homes = await this.homes(signal)
    if (!homes.ok) return undefined
    return homes.value.find(({ beacon }) => beacon.chain === chain)?.coordinator
  }

  /** The home of a job is known: nobody has to be asked for it. */
  learn(job: JobId, home: ChainId): void {
    this.#homes.set(job, home)
  }

  /** Who writes the chain of a job now; it may be somebody who became a member lately. */
  async homeOf(job: JobId, signal: AbortSignal): Promise<Answer<Home>> {
    const home = await this.#homeOf(job, signal)
    if (home.ok || !(await this.#renew(signal))) return home
    return await this.#homeOf(job, signal)
  }

  async #homeOf(job: JobId, signal: AbortSignal): Promise<Answer<Home>> {
    const chain = await this.#chainOf(job, signal)
    if (!chain.ok) return chain
    const homes = await this.homes(signal)
    if (!homes.ok) return homes
    const home = homes.value.find(({ beacon }) => beacon.chain === chain.value)
    const detail = `nobody writes chain ${chain.value} now: others soon go on with it`
    return home === undefined ? refuse('wire.unreachable', { detail }) : accept(home)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gone.abort()
    for (const asker of this.#askers.values()) await asker[Symbol.asyncDispose]()
  }

  async #chainOf(job: JobId, signal: AbortSignal): Promise<Answer<ChainId>> {
    const known = this.#homes.get(job)
    if (known !== undefined) return accept(known)
    const { answers, failed } = await this.#askAll({ type: 'job', job }, signal)
    const [first] = answers
    if (first === undefined) return { ok: false, refusal: { ...failed, detail: job } }
    this.#homes.set(job, first.said.chain)
    return accept(first.said.chain)
  }

  /** Asks all at once, and waits for nobody for long once somebody has answered. */
  async #askAll<Q extends Question>(question: Q, signal: AbortSignal): Promise<Asked<AnswerTo<Q>>> {
    const over = new AbortController()
    const until = AbortSignal.any([signal, over.signal, AbortSignal.timeout(aliveMs)])
    const answers: { of: CoordinatorId; said: AnswerTo<Q> }[] = []
    const refusals: Refusal[] = []
    let cancel = () => {}
    const asked = this.keys.map(async (of) => {
      const said = await within(until, signal, () => this.ask(of, question, until))
      if (!said.ok) {
        refusals.push(said.refusal)
        return
      }
      if (answers.push({ of, said: said.value }) > 1) return
      cancel = machineClock.after(graceMs, () => over.abort())
    })
    try {
      await Promise.all(asked)
    } finally {
      cancel()
    }
    // Who was not reached might have known.
    const failed = refusals.find((refusal) => blame(refusal) !== 'theirs') ?? refusals[0]
    return { answers, failed: failed ?? refusalOf('wire.unreachable') }
  }

  async #dial(to: CoordinatorId) {
    const signal = AbortSignal.any([this.#gone.signal, AbortSignal.timeout(aliveMs)])
    return await within(signal, this.#gone.signal, async () => {
      const reached = await this.reach(to, signal)
      return reached.ok ? await this.#mesh.streams.open('call', to, signal) : reached
    })
  }
}

/** What comes of something that may take too long: that is no answer, unless it was given up. */
async function within<T>(
  until: AbortSignal,
  signal: AbortSignal,
  act: () => Promise<Answer<T>>,
): Promise<Answer<T>> {
  try {
    return await act()
  } catch (error) {
    if (signal.aborted || !until.aborted) throw error
    return refuse('wire.deadline')
  }
}
