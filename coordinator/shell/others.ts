import type { Seen } from '@nexapod/ledger/store'
import {
  type AnswerTo,
  Asker,
  type HostedMesh,
  type Opened,
  type ProtocolName,
  waited,
} from '@nexapod/mesh'
import {
  type Answer,
  type ChainId,
  type CoordinatorId,
  checkpointDocument,
  limits,
  open,
  type Question,
  refuse,
} from '@nexapod/specs'
import type { Log } from './log.ts'
import type { Time } from './time.ts'

/** Between two looks at whether all are connected. */
const keepMs = 10_000

/** A coordinator as the roster names it. */
export interface Member {
  readonly coordinator: CoordinatorId
  readonly addresses: readonly string[]
}

/** The other coordinators of the roster, to be asked. */
export class Others implements AsyncDisposable {
  /** How many of them make a quorum with this one. */
  readonly needed: number
  readonly #mesh: Pick<HostedMesh, 'dial' | 'streams'>
  readonly #time: Time
  readonly #log: Log
  readonly #members: ReadonlyMap<CoordinatorId, Member>
  readonly #askers = new Map<CoordinatorId, Asker>()

  constructor(
    mesh: Pick<HostedMesh, 'dial' | 'streams'>,
    { members, quorum }: { readonly members: readonly Member[]; readonly quorum: number },
    own: CoordinatorId,
    { time, log }: { readonly time: Time; readonly log: Log },
  ) {
    this.#mesh = mesh
    this.#time = time
    this.#log = log
    this.needed = quorum - 1
    const others = members.filter(({ coordinator }) => coordinator !== own)
    this.#members = new Map(others.map((member) => [member.coordinator, member]))
  }

  get keys(): readonly CoordinatorId[] {
    return [...this.#members.keys()]
  }

  /** The answer of one of them, whatever it takes to reach it. */
  async ask<Q extends Question>(
    key: CoordinatorId,
    question: Q,
    signal: AbortSignal,
  ): Promise<Answer<AnswerTo<Q>>> {
    if (signal.aborted) return refuse('wire.cut')
    try {
      return await this.#asker(key, signal).ask(question, signal)
    } catch (error) {
      if (!signal.aborted) throw error
      return refuse('wire.cut')
    }
  }

  /** Opens a stream to one of them. */
  async open<P extends ProtocolName>(
    protocol: P,
    key: CoordinatorId,
    signal: AbortSignal,
  ): Promise<Answer<Opened<P>>> {
    const dialled = await this.#dialled(key, signal)
    if (!dialled.ok || signal.aborted) return dialled.ok ? refuse('wire.cut') : dialled
    return await this.#mesh.streams.open(protocol, key, signal)
  }

  /**
   * What they have seen of a chain. It waits until so many have answered that one of them is of any
   * quorum which may have cosigned.
   */
  async seen(chain: ChainId, signal: AbortSignal): Promise<Seen[]> {
    const all: Seen[] = []
    const missing = new Set(this.keys)
    const isEnough = () => this.#members.size - missing.size >= this.needed
    for (
      let pauseMs: number = limits.pauseMs;
      ;
      pauseMs = Math.min(pauseMs * 2, limits.pauseMsMax)
    ) {
      await Promise.all(
        [...missing].map(async (key) => {
          const answer = await this.ask(key, { type: 'stand', chain }, signal)
          if (answer.ok) {
            const opened = open(checkpointDocument, answer.value.checkpoint)
            if (!opened.ok || opened.value.chain !== chain) return
            all.push(opened.value)
            missing.delete(key)
          } else if (answer.refusal.code === 'ledger.unknown') {
            missing.delete(key)
          }
        }),
      )
      if (isEnough() || signal.aborted) return all
      this.#log.warn({ missing: [...missing] }, 'witnesses do not answer yet')
      if (!(await waited(this.#time, pauseMs, signal))) return all
    }
  }

  /** Keeps a connection to each of them, over which gossip goes too. */
  async keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (const key of this.keys) {
        const dialled = await this.#dialled(key, signal)
        if (!dialled.ok) this.#log.warn({ member: key, refusal: dialled.refusal }, 'not reached')
      }
      if (this.keys.length === 0 || !(await waited(this.#time, keepMs, signal))) return
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const asker of this.#askers.values()) await asker[Symbol.asyncDispose]()
  }

  #asker(key: CoordinatorId, signal: AbortSignal): Asker {
    const known = this.#askers.get(key)
    if (known !== undefined) return known
    const asker = new Asker({
      clock: this.#time,
      dial: () => this.open('call', key, signal),
    })
    this.#askers.set(key, asker)
    return asker
  }
  async #dialled(key: CoordinatorId, signal: AbortSignal): Promise<Answer<unknown>> {
    if (signal.aborted) return refuse('wire.cut')
    try {
      return await this.#mesh.dial(key, this.#members.get(key)?.addresses ?? [], signal)
    } catch (error) {
      if (!signal.aborted) throw error
      return refuse('wire.cut')
    }
  }
}
