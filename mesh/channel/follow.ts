import {
  type Answer,
  type ChainId,
  type FromFollower,
  limits,
  type Place,
  type Refusal,
  refusalOf,
  refusals,
  type ToFollower,
} from '@nexapod/specs'
import type { Channel } from './channel.ts'
import type { Clock } from './clock.ts'
import { type Chance, Pauses, waited } from './redial.ts'
import { throwing } from './unawaited.ts'

/** What a follower needs. */
export interface FollowerGround extends Chance {
  /** Whether it takes entries that no checkpoint covers yet: then it knows of them earlier. */
  readonly ahead?: boolean
  /** Which history is followed, as far as this: it has to be at whoever serves it. */
  readonly cut?: Place
  /** Opens a stream to a coordinator that serves the chain: the same one, or another each time. */
  dial(signal: AbortSignal): Promise<Answer<Channel<FromFollower, ToFollower>>>
  /** Takes entries and checkpoints, in order and without a gap; a refusal ends the stream. */
  take(messages: readonly ToFollower[]): Promise<Refusal | undefined>
}

/**
 * Follows a chain from an entry on, over as many streams as it takes, until the signal, or until
 * somebody refuses for good: then it gives that refusal.
 */
export async function follow(
  chain: ChainId,
  from: number,
  ground: FollowerGround,
  signal: AbortSignal,
): Promise<Refusal | undefined> {
  const pauses = new Pauses(ground)
  let next = from
  while (!signal.aborted) {
    pauses.begin()
    const dialled = await ground.dial(signal)
    let refusal: Refusal
    if (dialled.ok) {
      const session = new Session(dialled.value, chain, next, ground, signal)
      refusal = await session.ended
      next = session.next
    } else {
      refusal = dialled.refusal
    }
    if (signal.aborted) break
    if (refusals[refusal.code].fault !== 'later') return refusal
    await waited(ground.clock, pauses.next(refusal.retryMs), signal)
  }
  return undefined
}

/** One stream of a follower. */
class Session {
  readonly ended: Promise<Refusal>
  readonly #channel: Channel<FromFollower, ToFollower>
  readonly #ground: FollowerGround
  /** The entry that comes next, and how many more may come. */
  next: number
  #credit = 0
  #refused: Refusal | undefined
  #taking: Promise<void> = Promise.resolve()
  #cancelAlive: (() => void) | undefined

  constructor(
    channel: Channel<FromFollower, ToFollower>,
    chain: ChainId,
    from: number,
    ground: FollowerGround,
    signal: AbortSignal,
  ) {
    this.#channel = channel
    this.#ground = ground
    this.next = from
    const { promise, resolve } = Promise.withResolvers<Refusal>()
    this.ended = promise
    // Who stands still would never close its side.
    const stop = () => channel.refuse(refusalOf('wire.cut'))
    signal.addEventListener('abort', stop, { once: true })
    channel.listen({
      heard: (messages) => this.#heard(messages),
      drained: () => {},
      ended: () => channel.close(),
      closed: (refusal = refusalOf('wire.cut')) => {
        this.#cancelAlive?.()
        signal.removeEventListener('abort', stop)
        // What was heard is taken to its end, so that the next stream begins behind it.
        resolve(this.#taking.then(() => this.#refused ?? refusal))
      },
    })
    if (signal.aborted) stop()
    const { ahead, cut } = ground
    this.#say({
      ...{ type: 'follow', chain, from },
      ...(ahead === undefined ? {} : { ahead }),
      ...(cut === undefined ? {} : { cut }),
    })
    this.#grant()
  }

  #say(message: FromFollower): void {
    this.#cancelAlive?.()
    if (!this.#channel.say([message]).ok) return
    this.#cancelAlive = this.#ground.clock.after(limits.renewMs, () => this.#say({ type: 'alive' }))
  }

  /** Allows as many entries as there is room for, again at half, so that they do not pause. */
  #grant(): void {
    const entries = limits.followAheadMax - this.#credit
    if (entries < limits.followAheadMax / 2) return
    this.#credit += entries
    this.#say({ type: 'more', entries })
  }

  #heard(messages: readonly ToFollower[]): void {
    const news: ToFollower[] = []
    let at = this.next
    for (const message of messages) {
      if (message.type === 'refuse') {
        this.#refused = message.refusal
        this.#channel.close()
        break
      }
      if (message.type === 'alive') continue
      if (message.type === 'entry' && (message.seq !== at++ || this.#credit-- === 0)) {
        this.#channel.refuse(refusalOf('wire.message', { detail: `not entry ${at - 1}` }))
        return
      }
      news.push(message)
    }
    if (news.length === 0) return
    this.#channel.pause()
    this.#taking = this.#take(news, at)
  }

  async #take(news: readonly ToFollower[], next: number): Promise<void> {
    const refusal = await this.#ground.take(news)
    if (refusal !== undefined) {
      this.#refused = refusal
      this.#channel.refuse(refusal)
      return
    }
    this.next = next
    this.#grant()
    this.#channel.resume()
  }
}

/** Where the entries of a chain are read, by whoever serves it. */
export interface Reading extends Disposable {
  /**
   * The next messages, as soon as there are any: entries in their order, at most so many, and
   * checkpoints; a refusal is the last one. Nothing, when the signal comes first.
   */
  next(entriesMax: number, signal: AbortSignal): Promise<readonly ToFollower[]>
}

/** Opens a chain for reading from an entry on, to its last checkpoint, beyond that, or to a cut. */
export type Opener = (
  chain: ChainId,
  from: number,
  ahead: boolean,
  cut: Place | undefined,
) => Answer<Reading> | Promise<Answer<Reading>>

/** Serves a chain to one follower, no faster than it allows and takes. */
export function serveFollower(
  channel: Channel<ToFollower, FromFollower>,
  open: Opener,
  clock: Clock,
): void {
  const gone = new AbortController()
  let served = false
  let credit = 0
  let moreCredit = new AbortController()
  let room = Promise.withResolvers<void>()
  let cancelAlive: (() => void) | undefined
  const say = (message: ToFollower) => {
    cancelAlive?.()
    const said = channel.say([message])
    if (said.ok) cancelAlive = clock.after(limits.renewMs, () => say({ type: 'alive' }))
    return said
  }
  const serve = async (chain: ChainId, from: number, ahead: boolean, cut: Place | undefined) => {
    const opened = await open(chain, from, ahead, cut)
    if (!opened.ok) {
      channel.refuse(opened.refusal)
      return
    }
    using reading = opened.value
    say({ type: 'alive' })
    while (!gone.signal.aborted) {
      moreCredit = new AbortController()
      const until = AbortSignal.any([gone.signal, moreCredit.signal])
      for (const message of await reading.next(credit, until)) {
        if (message.type === 'entry') credit--
        room = Promise.withResolvers()
        const said = say(message)
        if (!said.ok) {
          channel.refuse(said.refusal)
          return
        }
        if (message.type === 'refuse') {
          // Nothing comes behind it, and what was said before it is not taken back.
          channel.close()
          return
        }
        if (!said.value) await room.promise
      }
    }
  }
  channel.listen({
    heard([message]) {
      if (message?.type === 'follow' && !served) {
        served = true
        throwing(serve(message.chain, message.from, message.ahead ?? false, message.cut))
      } else if (message?.type === 'more' && served) {
        credit += message.entries
        moreCredit.abort('more')
      } else if (message?.type !== 'alive' || !served) {
        channel.refuse(refusalOf('wire.message', { detail: 'follow comes first, and once' }))
      }
    },
    drained: () => room.resolve(),
    ended: () => channel.close(),
    closed() {
      cancelAlive?.()
      gone.abort()
      room.resolve()
    },
  })
}
