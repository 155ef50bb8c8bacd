import type { Electorate } from '@nexapod/ledger'
import {
  type AnswerTo,
  Asker,
  type HostedMesh,
  type Opened,
  type ProtocolName,
  throwing,
  waited,
} from '@nexapod/mesh'
import {
  type Answer,
  type ChainId,
  type Checkpoint,
  type CoordinatorId,
  checkpointDocument,
  limits,
  open,
  type Question,
  refuse,
} from '@nexapod/specs'
import type { Log } from '../log.ts'
import type { Time } from '../time.ts'

/** Between two looks at whether all are connected. */
const keepMs = 10_000

type Member = Electorate['members'][number]

/** The other coordinators of the roster, to be asked. */
export class Others implements AsyncDisposable {
  /** How many of them make a quorum with this one. */
  #needed: number
  readonly #mesh: Pick<HostedMesh, 'dial' | 'streams'>
  readonly #time: Time
  readonly #log: Log
  readonly #own: CoordinatorId
  #members: ReadonlyMap<CoordinatorId, Member>
  #news = new AbortController()
  readonly #askers = new Map<CoordinatorId, Asker>()

  constructor(
    mesh: Pick<HostedMesh, 'dial' | 'streams'>,
    { members, quorum }: Electorate,
    own: CoordinatorId,
    { time, log }: { readonly time: Time; readonly log: Log },
  ) {
    this.#mesh = mesh
    this.#time = time
    this.#log = log
    this.#own = own
    this.#needed = quorum - 1
    this.#members = this.#but(members)
  }

  /** From now on these are the roster. Whoever is new is dialled at once. */
  follow({ members, quorum }: Electorate): void {
    this.#needed = quorum - 1
    this.#members = this.#but(members)
    for (const [key, asker] of this.#askers) {
      if (this.#members.has(key)) continue
      this.#askers.delete(key)
      throwing(asker[Symbol.asyncDispose]())
    }
    this.#news.abort()
    this.#news = new AbortController()
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

  /** The same on a stream of its own: what may wait for long does not hold it up. */
  async askAside<Q extends Question>(
    key: CoordinatorId,
    question: Q,
    within: { readonly signal: AbortSignal; readonly withinMs: number },
  ): Promise<Answer<AnswerTo<Q>>> {
    const [answer] = await this.askAllAside(key, [question], within)
    return answer ?? refuse('wire.cut')
  }

  /** The same with some questions, one after the other, as long as they are answered in time. */
  async askAllAside<Q extends Question>(
    key: CoordinatorId,
    questions: readonly Q[],
    { signal, withinMs }: { readonly signal: AbortSignal; readonly withinMs: number },
  ): Promise<Answer<AnswerTo<Q>>[]> {
    const until = AbortSignal.any([signal, AbortSignal.timeout(withinMs)])
    const dial = () => this.open('call', key, until)
    await using asker = new Asker({ clock: this.#time, dial })
    const answers: Answer<AnswerTo<Q>>[] = []
    try {
      for (const question of questions) answers.push(await asker.ask(question, until))
    } catch (error) {
      if (!until.aborted) throw error
      answers.push(refuse(signal.aborted ? 'wire.cut' : 'wire.deadline'))
    }
    return answers
  }

  /** Opens a stream to one of them. */
  async open<P extends ProtocolName>(
    protocol: P,
    key: CoordinatorId,
    signal: AbortSignal,
  ): Promise<Answer<Opened<P>>> {
    const dialled = await this.#dialled(key, signal)
    if (!dialled.ok || signal.aborted) return dialled.ok ? refuse('wire.cut') : dialled
    try {
      return await this.#mesh.streams.open(protocol, key, signal)
    } catch (error) {
      if (!signal.aborted) throw error
      return refuse('wire.cut')
    }
  }

  /**
   * What they have seen of a chain. It waits until so many have answered that one of them is of any
   * quorum which may have cosigned.
   */
  async seen(chain: ChainId, signal: AbortSignal): Promise<Checkpoint[]> {
    const all: Checkpoint[] = []
    const missing = new Set(this.keys)
    const isEnough = () => this.#members.size - missing.size >= this.#needed
    for (let pauseMs: number = limits.pauseMs; ; pauseMs = Math.min(pauseMs * 2, keepMs)) {
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

  /** Keeps a connection to each of them, over which gossip goes too; each that was met is told. */
  async keep(met: (key: CoordinatorId) => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const news = this.#news.signal
      await Promise.all(
        this.keys.map(async (key) => {
          const dialled = await this.#dialled(key, signal)
          if (dialled.ok) await met(key)
          else this.#log.warn({ member: key, refusal: dialled.refusal }, 'not reached')
        }),
      )
      await waited(this.#time, keepMs, AbortSignal.any([signal, news]))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const asker of this.#askers.values()) await asker[Symbol.asyncDispose]()
  }

  #but(members: readonly Member[]): ReadonlyMap<CoordinatorId, Member> {
    const others = members.filter(({ coordinator }) => coordinator !== this.#own)
    return new Map(others.map((member) => [member.coordinator, member]))
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
