import {
  type ChainId,
  decode,
  type Execution,
  encode,
  type FromCoordinator,
  type FromNode,
  fromNode,
  type JobId,
} from '@nexapod/specs'
import { begin } from '../core/begin.ts'
import type { Effect, News } from '../core/effect.ts'
import type { Event, Moment } from '../core/event.ts'
import type { Limits } from '../core/limits/limits.ts'
import type { Observations } from '../core/limits/observations.ts'
import { type Named, type RowName, rowSchema } from '../core/row.ts'
import type { State } from '../core/state.ts'
import { step } from '../core/step.ts'
import { manifestOf, noon, ownLimits, quietHour, setting, writers } from './cast.ts'
import { Judge } from './judge.ts'
import { Other } from './other.ts'

type Without<E> = E extends unknown ? Omit<E, keyof Moment> : never

/** How often a coordinator says that it is there. */
const aliveMs = 15_000

/** A stream as the world knows it. */
interface Stream {
  other: Other
  opened: boolean
}

/** A node, its disk, its machine and everybody around it; a judge watches what it does. */
export class World {
  readonly disk = new Map<RowName, Uint8Array>()
  readonly seenLeases = new Map<string, Execution>()
  readonly others = writers.map((writer) => new Other(writer, this.seenLeases))
  /** Those who go on with the chain of another, by their keys and the chain. */
  readonly successors = new Map<string, Other>()
  readonly streams = new Map<number, Stream>()
  /** Streams whose node came again on another one. */
  readonly #stale: number[] = []
  /** What the shell is at, and owes an answer for. */
  readonly fetching = new Set<string>()
  readonly executing = new Map<string, { killed: boolean; frozen: boolean }>()
  limits: Limits = ownLimits
  observations: Observations = quietHour
  paused = false
  at = 0
  draw = 0
  salts = 0
  /** After how many more effects the power fails. */
  effectsLeft = Number.POSITIVE_INFINITY
  /** How often each kind of thing was seen: a world that reaches little proves little. */
  readonly seen = new Map<string, number>()
  state: State
  readonly judge = new Judge(this)

  constructor() {
    this.state = this.#begin()
  }

  step(event: Without<Event>): void {
    this.judge.before(event as Event)
    this.#perform(step(this.state, { ...this.moment(), ...event } as Event))
    for (;;) {
      const stream = this.#stale.pop()
      if (stream === undefined) return
      if (this.streams.has(stream)) this.close(stream)
    }
  }

  /** Lets time pass; who is not silent says from time to time that it is there. */
  pass(ms: number): void {
    for (let left = ms; left > 0; left -= aliveMs) {
      this.#wait(Math.min(left, aliveMs))
      for (const [stream, { other }] of this.streams) {
        if (other.welcomed && !other.silent) this.hear(stream, [{ type: 'alive' }])
      }
    }
  }

  hear(stream: number, messages: readonly FromCoordinator[]): void {
    if (messages.length > 0) this.step({ type: 'heard', stream, messages })
  }

  /** Wakes the node whenever it asked for that. */
  #wait(ms: number): void {
    const until = this.at + ms
    while (this.state.wakeAt <= until && !this.state.finished) {
      this.at = Math.max(this.at, this.state.wakeAt)
      this.step({ type: 'tick' })
    }
    this.at = Math.max(this.at, until)
  }

  close(stream: number): void {
    this.streams.get(stream)?.other.forgetStream()
    this.streams.delete(stream)
    this.step({ type: 'closed', stream })
  }

  /** The shell says how a fetch ended. */
  endFetch(key: string, there: boolean): void {
    this.fetching.delete(key)
    this.step({ type: 'fetched', key, there })
  }

  /** The shell says how an execution ended. */
  endExecution(key: string, works: boolean): void {
    const [, job = '', unit = ''] = key.split('/')
    this.executing.delete(key)
    this.salts++
    const salt = new Uint8Array(32)
    new DataView(salt.buffer).setUint32(0, this.salts)
    const manifest = manifestOf(job as JobId, Number(unit))
    const ended = works
      ? { type: 'result' as const, manifest, salt }
      : { type: 'failed' as const, why: 'memory' as const }
    this.step({ type: 'executed', key, ended })
  }

  /** All that was not on the disk is gone. */
  restart(): void {
    this.#see('restart')
    this.fetching.clear()
    this.executing.clear()
    for (const { other } of this.streams.values()) other.forgetStream()
    this.streams.clear()
    this.#stale.length = 0
    this.effectsLeft = Number.POSITIVE_INFINITY
    // A clock that nobody sets may begin anew.
    this.at = 0
    this.paused = false
    this.judge.restarted()
    this.state = this.#begin()
  }

  moment(): Moment {
    return { at: this.at, time: noon + this.at, draw: this.draw }
  }

  #begin(): State {
    const rows: Named[] = Array.from(this.disk, ([name, bytes]) => {
      const row = decode(rowSchema, bytes)
      if (!row.ok) throw new Error(`${name} is damaged`)
      return { name, row: row.value }
    })
    const { limits, observations } = this
    const { state, effects } = begin({ ...setting, limits, observations }, rows, this.moment())
    this.state = state
    // Units take ten seconds here, so that some are held ahead.
    state.unitMs = 9999
    this.#perform(effects)
    return this.state
  }

  #perform(effects: readonly Effect[]): void {
    const { state } = this
    this.judge.effects(effects)
    for (const effect of effects) {
      if (this.effectsLeft-- <= 0) {
        this.restart()
        return
      }
      this.#do(effect)
      // What was said may have made an answer, and that another step.
      if (this.state !== state) return
    }
    this.judge.after()
  }

  #do(effect: Effect): void {
    this.judge.effect(effect)
    this.#see(effect.type)
    if (effect.type === 'tell') this.#seeNews(effect.news)
    switch (effect.type) {
      case 'keep':
        this.disk.set(effect.name, encode(rowSchema, effect.row))
        break
      case 'forget':
        this.disk.delete(effect.name)
        break
      case 'dial': {
        const other = this.others.find(({ writer }) => writer.id === effect.coordinator)
        if (other === undefined) throw new Error('it dialled a stranger')
        // Which chain the stream is about is said by the hello.
        this.streams.set(effect.stream, {
          other: other.apart(),
          opened: false,
        })
        break
      }
      case 'hangUp':
        this.streams.get(effect.stream)?.other.forgetStream()
        this.streams.delete(effect.stream)
        break
      case 'send':
        this.#send(effect.stream, effect.messages)
        break
      case 'fetch':
        this.fetching.add(effect.key)
        break
      case 'execute':
        this.executing.set(effect.key, { killed: false, frozen: false })
        break
      case 'freeze':
      case 'thaw': {
        const one = this.executing.get(effect.key)
        if (one !== undefined) one.frozen = effect.type === 'freeze'
        break
      }
      case 'kill': {
        const one = this.executing.get(effect.key)
        if (one !== undefined) one.killed = true
        break
      }
      default:
        break
    }
  }

  #see(kind: string): void {
    this.seen.set(kind, (this.seen.get(kind) ?? 0) + 1)
  }

  #seeNews(news: News): void {
    if (news.type === 'ended') this.#see(`ended ${news.without}`)
    else if (news.type === 'refused') this.#see(`refused ${news.refusal.code}`)
    else if (news.type === 'idle') for (const { code } of news.reasons) this.#see(`idle ${code}`)
    else this.#see(`told ${news.type}`)
  }

  /** A hello says which chain the stream is about; one stream of a node is about each. */
  #meet(stream: number, found: Stream, chain: ChainId | undefined): void {
    const { writer } = found.other
    const own = this.others.find((one) => one.writer.id === writer.id) as Other
    const founder = this.others.find((one) => one.writer.chain === chain) ?? own
    const key = `${writer.id}/${chain}`
    found.other = founder === own ? own : (this.successors.get(key) ?? founder.successor(writer))
    if (founder !== own) {
      this.#see('successor')
      this.successors.set(key, found.other)
    }
    for (const [number, before] of this.streams) {
      if (number === stream || before.other !== found.other) continue
      found.other.forgetStream()
      before.other = own.apart()
      before.other.welcomed = true
      this.#stale.push(number)
    }
  }

  #send(stream: number, messages: readonly FromNode[]): void {
    const found = this.streams.get(stream)
    if (found === undefined) throw new Error('it speaks on a stream that is closed')
    for (const message of messages) {
      encode(fromNode, message)
      this.#see(`said ${message.type}`)
      if (message.type === 'hello') this.#meet(stream, found, message.chain)
      this.judge.said(stream, found.other, message)
      found.other.take(message)
    }
  }
}
