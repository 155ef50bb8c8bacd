import {
  decode,
  encode,
  type FromCoordinator,
  type FromNode,
  fromNode,
  type JobId,
} from '@nexapod/specs'
import { begin } from '../core/begin.ts'
import type { Effect, News } from '../core/effect.ts'
import type { Ended, Event, Moment } from '../core/event.ts'
import type { Observations } from '../core/limits/observations.ts'
import { type Named, type RowName, rowSchema } from '../core/row.ts'
import type { Setting, State } from '../core/state.ts'
import { step } from '../core/step.ts'
import { kim, manifestOf, noon, setting, type Writer, writers } from './cast.ts'

type Without<E> = E extends unknown ? Omit<E, keyof Moment> : never

/** What a node calls somebody by, who may write a chain that another founded. */
function keyOf({ id, chain }: Writer): string {
  const founded = writers.some((one) => one.id === id && one.chain === chain)
  return founded ? id : `${id}/${chain}`
}

/** A node under test, with a disk, and with whoever is at the other end of its streams. */
export class Rig {
  readonly disk: Map<RowName, Uint8Array>
  readonly setting: Setting
  state: State
  /** What the last step came to. */
  effects: readonly Effect[] = []
  /** All that was told since the beginning. */
  readonly news: News[] = []
  at: number
  draw = 0
  salts = 0
  readonly streams = new Map<string, number>()

  constructor(more: Partial<Setting> = {}, disk = new Map<RowName, Uint8Array>(), at = 1000) {
    this.setting = { ...setting, ...more }
    this.disk = disk
    this.at = at
    const { state, effects } = begin(this.setting, this.rows(), this.moment())
    this.state = state
    this.#perform(effects)
  }

  /** The same disk, and nothing else of what was. */
  restarted(more: Partial<Setting> = {}): Rig {
    return new Rig({ ...this.setting, ...more }, this.disk, 5)
  }

  rows(): Named[] {
    return Array.from(this.disk, ([name, bytes]) => {
      const row = decode(rowSchema, bytes)
      if (!row.ok) throw new Error(`${name}: ${row.refusal.code} ${row.refusal.detail}`)
      return { name, row: row.value }
    })
  }

  step(event: Without<Event>): this {
    this.#perform(step(this.state, { ...this.moment(), ...event } as Event))
    return this
  }

  /** Lets time pass, waking when that was asked for. */
  pass(ms: number): this {
    const until = this.at + ms
    const all: Effect[] = []
    while (this.state.wakeAt <= until) {
      this.at = Math.max(this.at, this.state.wakeAt)
      all.push(...this.step({ type: 'tick' }).effects)
    }
    this.at = until
    this.effects = all
    return this
  }

  /** Lets time pass while coordinators say that they are there. */
  passTalking(ms: number, ...talking: readonly Writer[]): this {
    const all: Effect[] = []
    for (let left = ms; left > 0; left -= 10_000) {
      all.push(...this.pass(Math.min(left, 10_000)).effects)
      for (const writer of talking) all.push(...this.hear(writer, { type: 'alive' }).effects)
    }
    this.effects = all
    return this
  }

  /** Opens the stream to a coordinator that was dialled. */
  open(writer: Writer): this {
    return this.step({ type: 'opened', stream: this.streamTo(writer) })
  }

  welcome(writer: Writer, epoch = 0): this {
    const { chain } = writer
    return this.hear(writer, { type: 'welcome', chain, epoch, renewMs: 20_000, time: noon })
  }

  /** Opens and welcomes on all streams that were dialled. */
  join(...joined: readonly Writer[]): this {
    const all: Effect[] = []
    for (const writer of joined) all.push(...this.open(writer).effects)
    for (const writer of joined) all.push(...this.welcome(writer).effects)
    this.effects = all
    return this
  }

  hear(writer: Writer, ...messages: readonly FromCoordinator[]): this {
    return this.step({ type: 'heard', stream: this.streamTo(writer), messages })
  }

  close(writer: Writer): this {
    return this.step({ type: 'closed', stream: this.streamTo(writer) })
  }

  observe(observations: Partial<Observations>): this {
    return this.step({
      type: 'observed',
      observations: { ...this.state.observations, ...observations },
    })
  }

  fetch(key: string, there = true): this {
    return this.step({ type: 'fetched', key, there })
  }

  /** An execution ends with a result. */
  result(key: string): this {
    const [, job = '', unit = ''] = key.split('/')
    this.salts++
    const salt = new Uint8Array(32).fill(this.salts)
    const manifest = manifestOf(job as JobId, Number(unit))
    return this.executed(key, { type: 'result', manifest, salt })
  }

  executed(key: string, ended: Ended): this {
    return this.step({ type: 'executed', key, ended })
  }

  /** A stream breaks, and the node comes back on another one. */
  comeBack(writer: Writer, ...talking: readonly Writer[]): this {
    const before = this.streamTo(writer)
    this.close(writer)
    while (this.streamTo(writer) === before) this.passTalking(100, ...talking)
    return this.join(writer)
  }

  streamTo(writer: Writer): number {
    const stream = this.streams.get(keyOf(writer))
    if (stream === undefined) throw new Error(`${writer.id} was never dialled`)
    return stream
  }

  /** What the last step said to a coordinator. */
  said(writer: Writer = kim): readonly FromNode[] {
    const stream = this.streams.get(keyOf(writer))
    return this.all('send').flatMap((effect) => (effect.stream === stream ? effect.messages : []))
  }

  saidOf<T extends FromNode['type']>(type: T, writer: Writer = kim): (FromNode & { type: T })[] {
    return this.said(writer).filter((one): one is FromNode & { type: T } => one.type === type)
  }

  /** The effects of one type in the last step. */
  all<T extends Effect['type']>(type: T): (Effect & { type: T })[] {
    return this.effects.filter((one): one is Effect & { type: T } => one.type === type)
  }

  /** What was told of one type since the beginning. */
  told<T extends News['type']>(type: T): (News & { type: T })[] {
    return this.news.filter((one): one is News & { type: T } => one.type === type)
  }

  moment(): Moment {
    return { at: this.at, time: noon + this.at, draw: this.draw }
  }

  #dialled(stream: number): void {
    for (const { key, link } of this.state.contacts.values()) {
      if (link.stage !== 'away' && link.stream === stream) this.streams.set(key, stream)
    }
  }

  #perform(effects: readonly Effect[]): void {
    this.effects = effects
    for (const effect of effects) {
      if (effect.type === 'keep') this.disk.set(effect.name, encode(rowSchema, effect.row))
      if (effect.type === 'forget') this.disk.delete(effect.name)
      if (effect.type === 'dial') this.#dialled(effect.stream)
      if (effect.type === 'tell') this.news.push(effect.news)
      // Whatever is said has to be what the wire takes.
      if (effect.type === 'send') for (const message of effect.messages) encode(fromNode, message)
    }
  }
}

/** A node with streams to two coordinators; the first is the one that it asks for units. */
export function joined(more: Partial<Setting> = {}): {
  readonly rig: Rig
  readonly first: Writer
  readonly second: Writer
} {
  const rig = new Rig(more)
  // Units take ten seconds here, so that some are held ahead.
  rig.state.unitMs = 9999
  const [first, second] = rig.all('dial').map(({ coordinator }) => {
    return writers.find(({ id }) => id === coordinator)
  })
  if (first === undefined || second === undefined) throw new Error('it dialled too few')
  return { rig: rig.join(first, second), first, second }
}
