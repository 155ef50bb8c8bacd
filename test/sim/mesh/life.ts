import {
  begin,
  type Effect,
  type Event,
  type Named,
  type Setting,
  type State,
  step,
  usualRules,
} from '../../../coordinator/index.ts'
import type { Ledger } from '../../../ledger/index.ts'
import type { AnswerMessage, FromNode, NodeId, Question } from '../../../specs/index.ts'
import type { Chance } from '../../fuzz/chance.ts'
import { noon, type Writer } from './cast.ts'
import type { Disk } from './disk.ts'
import { between } from './draws.ts'
import type { WorkEnd, WriterEnd } from './network.ts'
import { type Candidate, type Cosigned, candidateOf, Notary } from './notary.ts'
import type { Scene } from './scene.ts'
import type { Asking } from './watch.ts'

type Row = NonNullable<Named['row']>

/** What waits in the order in which it was asked for. */
type Item = {
  readonly effect: Effect | { readonly type: 'publish'; readonly candidate: Candidate }
  readonly asked: Asking
}

interface Asked {
  readonly question: Question
  readonly answer: (answer: AnswerMessage) => void
}

/** Between two checkpoints. */
const checkpointMs = 250

/** A coordinator's process from its start to its crash. */
export class Life {
  /** The root of the state at some sizes of the chain. */
  readonly roots = new Map<number, string>()
  readonly entries: Uint8Array[]
  readonly #scene: Scene
  readonly #writer: Writer
  readonly #disk: Disk<Row>
  readonly #chance: Chance
  readonly #state: State
  readonly #notary: Notary
  readonly #bornAt: number
  readonly #skewMs: number
  #isOver = false
  #inbox: Event[] = []
  #isStepDue = false
  #waiting: Item[] = []
  readonly #syncing = new Set<Item['effect']>()
  #numbers = 0
  readonly #ends = new Map<number, { readonly end: WorkEnd; readonly node: NodeId }>()
  readonly #calls = new Map<number, Asked>()
  #wakeAt = Number.POSITIVE_INFINITY
  #publishedSize = 0
  #isPublishDue = false

  constructor(
    scene: Scene,
    { writer, disk, chance }: { writer: Writer; disk: Disk<Row>; chance: Chance },
    found: { readonly ledger: Ledger; readonly entries: readonly Uint8Array[] },
    rows: readonly Named[],
    first: Setting['first'],
  ) {
    this.#scene = scene
    this.#writer = writer
    this.#disk = disk
    this.#chance = chance
    this.#bornAt = scene.clock.at - chance.below(100_000)
    this.#skewMs = between(chance, -20_000, 20_000)
    this.entries = [...found.entries]
    this.#notary = new Notary(scene, writer, this.entries, (covered) => this.#cosigned(covered))
    const secret = new Uint8Array(32).map(() => chance.below(256))
    const probes = scene.trials.get(writer.chain)?.probes
    const setting: Setting = {
      signer: writer.signer,
      open: scene.open,
      secret,
      rules: usualRules,
      ...(first === undefined ? {} : { first }),
      ...(probes === undefined ? {} : { probes }),
    }
    const { state, effects } = begin(setting, found.ledger, rows, this.#moment())
    this.#state = state
    this.#take(effects)
    this.#publishSoon()
  }

  get ledger(): Ledger {
    return this.#state.ledger
  }

  /** The core's state, for those who want to say why something does not end. */
  get state(): State {
    return this.#state
  }

  /** The process is gone, with all that it had not done. */
  end(): void {
    this.#isOver = true
  }

  opened(end: WorkEnd, node: NodeId, network: string): void {
    const stream = ++this.#numbers
    this.#ends.set(stream, { end, node })
    this.#happen({ type: 'opened', stream, node, network })
    end.ear = {
      hear: (messages) => {
        if (this.#isOver || !this.#ends.has(stream)) return
        const { watch, clock } = this.#scene
        const [renewals, others] = apart(messages)
        watch.heard(this.#writer, node, others, clock.at)
        this.#happen({ type: 'heard', stream, messages })
        // Behind what the core gave the stream up for, nothing was heard.
        if (this.#state.streams.has(stream)) watch.heard(this.#writer, node, renewals, clock.at)
      },
      closed: () => {
        if (this.#ends.delete(stream)) this.#happen({ type: 'closed', stream })
      },
    }
  }

  followed(end: WriterEnd): void {
    this.#notary.join(end)
  }

  asked(question: Question, answer: (answer: AnswerMessage) => void): void {
    switch (question.type) {
      case 'publish':
      case 'act':
      case 'delegate':
      case 'revoke':
      case 'claim':
      case 'job': {
        const call = ++this.#numbers
        this.#calls.set(call, { question, answer })
        this.#happen({ type: 'asked', call, question })
        return
      }
      default:
        throw new Error(`nobody asks for ${question.type} here`)
    }
  }

  #moment() {
    const { at } = this.#scene.clock
    return { at: at - this.#bornAt, time: noon + at + this.#skewMs }
  }

  #asking(): Asking {
    return { size: this.entries.length, at: this.#scene.clock.at }
  }

  /** What happens within a moment comes to the core at once. */
  #happen(event: Event): void {
    if (this.#isOver) return
    this.#inbox.push(event)
    if (this.#isStepDue) return
    this.#isStepDue = true
    const busyMs = this.#chance.once(50) ? 200 : 3
    this.#scene.clock.after(this.#chance.below(busyMs), () => this.#step())
  }

  #step(): void {
    if (this.#isOver) return
    const { clock, trace } = this.#scene
    const events = this.#inbox
    this.#inbox = []
    this.#isStepDue = false
    trace.note(clock.at, this.#writer.name, events.map(({ type }) => type).join(' '))
    this.#take(step(this.#state, this.#moment(), events))
  }

  #take(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === 'append') this.#append(effect)
      this.#waiting.push({ effect, asked: this.#asking() })
    }
    this.#perform()
  }

  #append(effect: Effect & { readonly type: 'append' }): void {
    const { taken, rows } = effect
    const { watch, trace, clock } = this.#scene
    for (const { bytes, entry } of taken) {
      this.entries.push(bytes)
      trace.note(clock.at, this.#writer.name, entry.prev)
    }
    watch.wrote(
      this.#writer,
      taken.map(({ entry }) => entry),
    )
    const size = this.entries.length
    this.#syncing.add(effect)
    this.#disk.write(taken, rows, () => {
      if (this.#isOver) return
      this.#syncing.delete(effect)
      watch.synced(this.#writer, size)
      this.#perform()
    })
    this.#publishSoon()
  }

  /** Performs what waits, up to what the disk has not synced yet. */
  #perform(): void {
    while (!this.#isOver) {
      const [item] = this.#waiting
      if (item === undefined || this.#syncing.has(item.effect)) return
      this.#waiting.shift()
      this.#do(item)
    }
  }

  #do({ effect, asked }: Item): void {
    const { clock, trace, watch, results } = this.#scene
    trace.note(clock.at, this.#writer.name, effect.type)
    switch (effect.type) {
      case 'send': {
        const found = this.#ends.get(effect.stream)
        if (found === undefined) return
        watch.said(this.#writer, asked, found.node, effect.messages)
        found.end.say(effect.messages)
        return
      }
      case 'hangUp':
        this.#ends.get(effect.stream)?.end.hangUp()
        this.#ends.delete(effect.stream)
        return
      case 'answer': {
        const call = this.#calls.get(effect.call)
        if (call === undefined) throw new Error(`call ${effect.call} is answered twice`)
        this.#calls.delete(effect.call)
        watch.answered(this.#writer, call.question, effect.answer)
        call.answer(effect.answer)
        return
      }
      case 'compare': {
        const { id: job, unit, slot, outcome } = effect
        const same = effect.with.find((other) => results.agree(outcome, other.outcome))
        const as = same === undefined ? {} : { as: same.slot }
        clock.after(between(this.#chance, 1, 2000), () => {
          this.#happen({ type: 'compared', job, unit, slot, ...as })
        })
        return
      }
      case 'wake':
        this.#wake(effect.at + this.#bornAt)
        return
      case 'publish':
        this.#notary.publish(effect.candidate, this.#moment().time)
        return
      case 'tell':
        watch.told(this.#writer, effect.news)
        return
      default:
        return
    }
  }

  #wake(at: number): void {
    this.#wakeAt = at
    const { clock } = this.#scene
    clock.after(at - clock.at, () => {
      if (this.#wakeAt !== at) return
      this.#wakeAt = Number.POSITIVE_INFINITY
      this.#happen({ type: 'tick' })
    })
  }

  #publishSoon(): void {
    if (this.#isPublishDue) return
    this.#isPublishDue = true
    this.#scene.clock.after(checkpointMs, () => {
      this.#isPublishDue = false
      if (this.#isOver || this.entries.length <= this.#publishedSize) return
      const candidate = candidateOf(this.#state.ledger)
      this.#publishedSize = candidate.size
      this.roots.set(candidate.size, candidate.state)
      this.#waiting.push({ effect: { type: 'publish', candidate }, asked: this.#asking() })
      this.#perform()
    })
  }

  #cosigned(cosigned: Cosigned): void {
    this.#scene.watch.covered(this.#writer, cosigned.size)
    this.#happen({ type: 'cosigned', ...cosigned })
  }
}

function apart(messages: readonly FromNode[]): [FromNode[], FromNode[]] {
  const renewals = messages.filter(({ type }) => type === 'renew')
  return [renewals, messages.filter(({ type }) => type !== 'renew')]
}
