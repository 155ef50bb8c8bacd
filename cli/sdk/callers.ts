import { type AnswerTo, Asker, machineClock, type StockedMesh } from '@nexapod/mesh'
import {
  type Answer,
  accept,
  type Beacon,
  beaconDocument,
  type CoordinatorId,
  type Invitation,
  type JobId,
  open,
  type Question,
  refuse,
} from '@nexapod/specs'

type Members = Invitation['members']

/** A coordinator that answers, and what it says of itself. */
export interface Home {
  readonly coordinator: CoordinatorId
  readonly beacon: Beacon
}

/** The coordinators of a mesh, to be asked. */
export class Callers implements AsyncDisposable {
  #members: Members
  readonly #mesh: StockedMesh
  readonly #gone = new AbortController()
  readonly #askers = new Map<CoordinatorId, Asker>()

  constructor(mesh: StockedMesh, members: Members) {
    this.#mesh = mesh
    this.#members = members
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

  /** The first that is there; of those that take jobs, if that is wanted. */
  async home(wanted: { readonly takesJobs: boolean }, signal: AbortSignal): Promise<Answer<Home>> {
    let failed: Answer<Home> = refuse('wire.unreachable')
    for (const coordinator of this.keys) {
      const said = await this.ask(coordinator, { type: 'beacon' }, signal)
      const beacon = said.ok ? open(beaconDocument, said.value.beacon) : said
      if (!beacon.ok) failed = beacon
      else if (beacon.value.coordinator !== coordinator) failed = refuse('signature.false')
      else if (wanted.takesJobs && !beacon.value.takesJobs) failed = refuse('wire.closing')
      else return accept({ coordinator, beacon: beacon.value })
    }
    return failed
  }

  /** The first that knows a job, which its home does. */
  async homeOf(job: JobId, signal: AbortSignal): Promise<Answer<Home>> {
    let failed: Answer<Home> = refuse('job.unknown', { detail: job })
    for (const coordinator of this.keys) {
      const said = await this.ask(coordinator, { type: 'job', job }, signal)
      const beacon = said.ok ? await this.ask(coordinator, { type: 'beacon' }, signal) : said
      const opened = beacon.ok ? open(beaconDocument, beacon.value.beacon) : beacon
      if (opened.ok) return accept({ coordinator, beacon: opened.value })
      if (opened.refusal.code !== 'job.unknown') failed = opened
    }
    return failed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gone.abort()
    for (const asker of this.#askers.values()) await asker[Symbol.asyncDispose]()
  }

  async #dial(to: CoordinatorId) {
    const { signal } = this.#gone
    const reached = await this.reach(to, signal)
    return reached.ok ? await this.#mesh.streams.open('call', to, signal) : reached
  }
}
