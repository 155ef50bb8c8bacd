import {
  begin,
  type Effect,
  type Ended,
  type Event,
  type State,
  step,
} from '../../../node/index.ts'
import type { CoordinatorId, FromNode, Signer } from '../../../specs/index.ts'
import type { Chance } from '../../fuzz/chance.ts'
import type { Behaviour, Task } from './behaviour.ts'
import { noon } from './cast.ts'
import { about, between, chanceOf } from './draws.ts'
import type { NodeEnd } from './network.ts'
import { type Held, NodeWatch } from './node-watch.ts'
import { delegated, type Person } from './person.ts'
import type { Scene } from './scene.ts'

type Row = (Effect & { readonly type: 'keep' })['row']
type RowName = (Effect & { readonly type: 'keep' })['name']
type Without<E> = E extends unknown ? Omit<E, 'at' | 'time' | 'draw'> : never

interface Run {
  isFrozen: boolean
  isKilled: boolean
}

/** A node: the real core, its disk, its machine, and an owner who may be honest. */
export class NodeShell {
  readonly person: Person
  readonly chance: Chance
  /** What is on its disk. */
  readonly rows = new Map<RowName, Row>()
  state: State | undefined
  behaviour: Behaviour
  /** After how many more effects the power fails. */
  effectsLeft = Number.POSITIVE_INFINITY
  readonly #scene: Scene
  readonly #watch: NodeWatch
  #delegation: Person['delegation']
  #life = 0
  #bornAt = 0
  #skewMs = 0
  #isGone = false
  readonly #ends = new Map<number, { readonly end: NodeEnd; readonly to: CoordinatorId }>()
  readonly #runs = new Map<string, Run>()
  #wakeAt = Number.POSITIVE_INFINITY

  constructor(scene: Scene, person: Person, behave: (shell: NodeShell) => Behaviour) {
    this.#scene = scene
    this.person = person
    this.#watch = new NodeWatch(scene, person)
    this.#delegation = person.delegation
    this.chance = chanceOf(scene.seed, person.name)
    this.behaviour = behave(this)
  }

  /** Begins, or begins again with what its disk has. */
  start(): void {
    if (this.state !== undefined || this.#isGone) return
    const { clock, founded } = this.#scene
    const { signer, machine, limits, observations } = this.person
    const delegation = this.#delegation
    this.#bornAt = clock.at - this.chance.below(100_000)
    this.#skewMs = between(this.chance, -20_000, 20_000)
    const setting = {
      signer,
      mesh: founded.id,
      machine,
      roster: founded.roster,
      limits,
      observations,
      ...(delegation === undefined ? {} : { delegation }),
    }
    const rows = Array.from(this.rows, ([name, row]) => ({ name, row }))
    const { state, effects } = begin(setting, rows, this.#moment())
    this.state = state
    this.#perform(effects)
  }

  /** All that was not on the disk is gone; after a while it begins again. */
  crash(): void {
    if (this.state === undefined) return
    this.#stop()
    this.#scene.clock.after(about(this.chance, 10_000), () => this.start())
  }

  /** It goes for good, with its disk. */
  leave(): void {
    this.#isGone = true
    this.#stop()
  }

  /** It is somebody else's from now on, and all are told. */
  sell(owner: Signer): void {
    const { clock, founded, network } = this.#scene
    const { signer, place } = this.person
    const delegation = delegated(owner, signer, noon + clock.at)
    this.#delegation = delegation
    for (const { id } of founded.writers) {
      network.ask(place, id, { type: 'delegate', delegation }, () => {})
    }
    this.happen({ type: 'delegation', delegation })
  }

  get isGone(): boolean {
    return this.#isGone
  }

  /** Something happens to its core. */
  happen(event: Without<Event>): void {
    const { state } = this
    if (state === undefined || state.finished) return
    this.#scene.trace.note(this.#scene.clock.at, this.person.name, event.type)
    this.#perform(step(state, { ...this.#moment(), ...event } as Event))
  }

  /** Says something that its core knows nothing of, to whoever it has a stream to. */
  sayBeside(to: CoordinatorId, messages: readonly FromNode[]): void {
    for (const one of this.#ends.values()) if (one.to === to) one.end.say(messages)
  }

  #stop(): void {
    this.state = undefined
    this.#life++
    this.effectsLeft = Number.POSITIVE_INFINITY
    this.#wakeAt = Number.POSITIVE_INFINITY
    this.#runs.clear()
    this.#ends.clear()
    this.#watch.ended()
    this.#scene.network.drop(this.person.name)
  }

  #moment() {
    const { at } = this.#scene.clock
    return { at: at - this.#bornAt, time: noon + at + this.#skewMs, draw: this.chance.bits() }
  }

  #perform(effects: readonly Effect[]): void {
    const life = this.#life
    for (const effect of effects) {
      if (this.effectsLeft-- <= 0) this.crash()
      if (life !== this.#life) return
      this.#do(effect)
    }
  }

  #do(effect: Effect): void {
    switch (effect.type) {
      case 'keep':
        this.#watch.kept(effect)
        this.rows.set(effect.name, effect.row)
        return
      case 'forget':
        this.#watch.forgets(this.rows.get(effect.name))
        this.rows.delete(effect.name)
        return
      case 'dial':
        this.#dial(effect.stream, effect.coordinator)
        return
      case 'hangUp':
        this.#ends.get(effect.stream)?.end.hangUp()
        this.#ends.delete(effect.stream)
        return
      case 'send': {
        const found = this.#ends.get(effect.stream)
        if (found === undefined) throw new Error(`${this.person.name} speaks on a closed stream`)
        this.#watch.said(effect.messages)
        found.end.say(this.behaviour.says(found.to, effect.messages))
        return
      }
      case 'fetch':
        this.#later(about(this.chance, 100), () => {
          this.happen({ type: 'fetched', key: effect.key, there: !this.chance.once(100) })
        })
        return
      case 'execute':
        this.#execute(effect)
        return
      case 'freeze':
      case 'thaw': {
        const run = this.#runs.get(effect.key)
        if (run !== undefined) run.isFrozen = effect.type === 'freeze'
        return
      }
      case 'kill': {
        const run = this.#runs.get(effect.key)
        if (run === undefined) return
        run.isKilled = true
        this.#later(this.chance.below(1000), () => this.#end(effect.key, run, failed))
        return
      }
      case 'wake':
        this.#wake(effect.at)
        return
      case 'tell':
        this.#scene.watch.nodeTold(this.person, effect.news)
        this.behaviour.told(effect.news)
        return
      default:
        return
    }
  }

  #dial(stream: number, to: CoordinatorId): void {
    const life = this.#life
    const isOver = () => life !== this.#life || !this.#ends.has(stream)
    const { place, id } = this.person
    const end = this.#scene.network.dial({ ...place, node: id }, to, {
      opened: () => {
        if (!isOver()) this.happen({ type: 'opened', stream })
      },
      hear: (messages) => {
        if (isOver()) return
        this.#watch.heard(to, messages)
        this.behaviour.hears(to, messages)
        this.happen({ type: 'heard', stream, messages })
      },
      closed: () => {
        if (isOver()) return
        this.#ends.delete(stream)
        this.happen({ type: 'closed', stream })
      },
    })
    this.#ends.set(stream, { end, to })
  }

  #execute(task: Task): void {
    this.#watch.executes(this.#heldOf(task))
    const run = { isFrozen: false, isKilled: false }
    this.#runs.set(task.key, run)
    const ms = this.behaviour.lastsMs(task)
    if (ms !== undefined) this.#later(ms, () => this.#finish(task, run))
  }

  #finish(task: Task, run: Run): void {
    if (run.isFrozen) {
      this.#later(1000, () => this.#finish(task, run))
      return
    }
    const variant = run.isKilled ? undefined : this.behaviour.gives(task)
    if (variant === undefined) {
      this.#end(task.key, run, failed)
      return
    }
    this.#watch.ran(this.#heldOf(task))
    const { job, id, unit } = task
    const manifest = this.#scene.results.manifest(job, id, unit, variant)
    const salt = new Uint8Array(32)
    new DataView(salt.buffer).setUint32(0, this.chance.bits())
    this.#end(task.key, run, { type: 'result', manifest, salt })
  }

  #heldOf({ key }: Task): Held {
    const held = this.state?.held.get(key)
    if (held === undefined) throw new Error(`${this.person.name} runs what it does not hold`)
    return held
  }

  #end(key: string, run: Run, ended: Ended): void {
    if (this.#runs.get(key) !== run) return
    this.#runs.delete(key)
    this.happen({ type: 'executed', key, ended })
  }

  #wake(at: number): void {
    this.#wakeAt = at
    this.#later(at + this.#bornAt - this.#scene.clock.at, () => {
      if (this.#wakeAt !== at) return
      this.#wakeAt = Number.POSITIVE_INFINITY
      this.happen({ type: 'tick' })
    })
  }

  /** What the end of this life puts an end to. */
  #later(ms: number, what: () => void): void {
    const life = this.#life
    this.#scene.clock.after(ms, () => {
      if (life === this.#life) what()
    })
  }
}

const failed: Ended = { type: 'failed', why: 'executor' }
