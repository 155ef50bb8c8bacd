import { type AnswerTo, Asker, machineClock, type StockedMesh } from '@nexapod/mesh'
import {
  type Answer,
  type Beacon,
  type ChainId,
  type CoordinatorId,
  limits,
  type Question,
  refuse,
  type Signed,
} from '@nexapod/specs'
import type { Line, Road } from './ground.ts'
import type { Members } from './members.ts'

/** The way to coordinators over the mesh: whoever is of the roster, wherever they say they are. */
export class MeshRoad implements Road, AsyncDisposable {
  readonly #mesh: Pick<StockedMesh, 'dial' | 'streams'>
  readonly #members: Members
  /** Where those of the roster said last that they are. */
  readonly #said = new Map<CoordinatorId, readonly string[]>()
  readonly #askers = new Map<CoordinatorId, Asker>()
  readonly #gone = new AbortController()

  constructor(mesh: Pick<StockedMesh, 'dial' | 'streams'>, members: Members) {
    this.#mesh = mesh
    this.#members = members
  }

  /** A coordinator said where it is: so it is found, too, when it has moved. */
  heard({ coordinator, addresses }: Beacon): void {
    if (this.#members.has(coordinator)) this.#said.set(coordinator, addresses)
  }

  async dial(to: CoordinatorId, signal: AbortSignal): Promise<Answer<Line>> {
    const dialled = await this.#reach(to, signal)
    return dialled.ok ? await this.#mesh.streams.open('work', to, signal) : dialled
  }

  async seek(
    chain: ChainId,
    found: (beacon: Signed<Beacon>) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const until = AbortSignal.any([signal, AbortSignal.timeout(limits.answerMs)])
    const asked = this.#members.keys.map(async (coordinator) => {
      const said = await this.ask(coordinator, { type: 'beacon', chain }, until)
      if (said.ok && !signal.aborted) found(said.value.beacon)
    })
    await Promise.all(asked)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gone.abort()
    for (const asker of this.#askers.values()) await asker[Symbol.asyncDispose]()
  }

  /** Asks one of them; who takes too long gives no answer. */
  async ask<Q extends Question>(
    of: CoordinatorId,
    question: Q,
    signal: AbortSignal,
  ): Promise<Answer<AnswerTo<Q>>> {
    let asker = this.#askers.get(of)
    if (asker === undefined) {
      asker = new Asker({ clock: machineClock, dial: () => this.#call(of) })
      this.#askers.set(of, asker)
    }
    try {
      return await asker.ask(question, signal)
    } catch (error) {
      // It took too long, which is nothing but no answer.
      if (!signal.aborted) throw error
      return refuse('wire.deadline')
    }
  }

  async #call(to: CoordinatorId) {
    const within = AbortSignal.any([this.#gone.signal, AbortSignal.timeout(limits.answerMs)])
    try {
      const dialled = await this.#reach(to, within)
      return dialled.ok ? await this.#mesh.streams.open('call', to, within) : dialled
    } catch (error) {
      if (!within.aborted) throw error
      return refuse('wire.unreachable')
    }
  }

  async #reach(to: CoordinatorId, signal: AbortSignal): Promise<Answer<unknown>> {
    const member = this.#members.list.find(({ coordinator }) => coordinator === to)
    const named = member?.addresses ?? []
    const all = new Set([...named, ...(this.#said.get(to) ?? [])])
    return await this.#mesh.dial(to, [...all], signal)
  }
}
