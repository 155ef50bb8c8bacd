import {
  type AnswerMessage,
  accounts,
  type OwnerId,
  type Question,
  type Request,
  requestDocument,
  type Signer,
  sign,
} from '../../../specs/index.ts'
import type { Chance } from '../../fuzz/chance.ts'
import { digestNamed, noon, type Writer } from './cast.ts'
import { about, between, chanceOf } from './draws.ts'
import { drawJob, type Published, type Wish } from './jobs.ts'
import type { Place } from './network.ts'
import type { JobKind } from './results.ts'
import type { Scene } from './scene.ts'

/** What a publisher does beside publishing. */
export type Manner = 'patient' | 'impatient' | 'cheating'

/** Where a job is, as its publisher sees it. */
export interface Wanted {
  readonly published: Published
  readonly writer: Writer
  stage: 'asking' | 'admitted' | 'ended' | 'refused'
  wantsEnd: boolean
}

/** What pays one unit on which two agree, and when somebody who has less looks again. */
const budgetMin = 8000
const savingMs = 10_000

/** Somebody who publishes jobs, asks again when nothing is heard, and waits until they end. */
export class Publisher {
  readonly place: Place
  readonly wanted: Wanted[] = []
  readonly #scene: Scene
  readonly #name: string
  readonly #key: Signer
  readonly #manner: Manner
  readonly #chance: Chance
  #counter = 0
  #isOver = false

  constructor(scene: Scene, name: string, key: Signer, manner: Manner) {
    this.#scene = scene
    this.#name = name
    this.#key = key
    this.#manner = manner
    this.#chance = chanceOf(scene.seed, `publisher ${name}`)
    this.place = { name: `publisher ${name}`, network: name }
  }

  /** Wants a job of a kind from a chain, after so long. */
  want(ms: number, writer: Writer, kind: JobKind, units: number): void {
    this.#scene.clock.after(ms, () => {
      if (!this.#isOver) this.#want(writer, kind, units)
    })
  }

  /** Wants a job that it pays for, after so long, and where it has some credit by then. */
  invest(ms: number, kind: JobKind, units: number): void {
    const { clock, founded } = this.#scene
    clock.after(ms, () => {
      if (this.#isOver) return
      const [writer] = founded.writers.toSorted((a, b) => this.#purse(b) - this.#purse(a))
      const has = writer === undefined ? 0 : this.#purse(writer)
      if (writer === undefined || has < budgetMin) this.invest(savingMs, kind, units)
      else this.#want(writer, kind, units, between(this.#chance, budgetMin, has))
    })
  }

  #want(writer: Writer, kind: JobKind, units: number, budgetMicro?: number): void {
    const { clock, seed } = this.#scene
    const name = `${this.#name} ${this.wanted.length}`
    const published = this.#draw({
      kind,
      home: writer.chain,
      publisher: this.#key,
      name: `${name} of ${seed}`,
      time: noon + clock.at,
      units,
      ...(budgetMicro === undefined ? {} : { budgetMicro }),
    })
    const wanted = this.publish(writer, published)
    if (this.#manner === 'cheating') this.#cheat(wanted)
    if (this.#manner === 'impatient' && this.#chance.once(2)) {
      clock.after(between(this.#chance, 0, 120_000), () => {
        wanted.wantsEnd = true
      })
    }
  }

  /** Publishes a job until that is answered. */
  publish(writer: Writer, published: Published): Wanted {
    const wanted: Wanted = { published, writer, stage: 'asking', wantsEnd: false }
    this.wanted.push(wanted)
    this.#publish(wanted)
    return wanted
  }

  /** From now on it publishes no more, and does not cheat. */
  rest(): void {
    this.#isOver = true
  }

  /** Whether all that it wants is over. */
  get isContent(): boolean {
    return this.wanted.every(({ stage }) => stage === 'ended' || stage === 'refused')
  }

  /** What it has on a chain. */
  #purse(writer: Writer): number {
    const account = accounts.owner(this.#key.id as OwnerId)
    return this.#scene.watch.tallyOf(writer).balances.get(account) ?? 0
  }

  #draw(wish: Wish): Published {
    return drawJob(this.#chance, wish)
  }

  #publish(wanted: Wanted): void {
    const { writer, published } = wanted
    this.#ask(writer, { type: 'publish', job: published.signed }, (answer) => {
      if (answer?.type === 'done') wanted.stage = 'admitted'
      const isNo = answer?.type === 'refuse' && answer.refusal.retryMs === undefined
      const isLater = isNo && ['wire.closing', 'wire.full', 'wire.rate'].includes(codeOf(answer))
      if (isNo && !isLater) {
        wanted.stage = 'refused'
        this.#scene.watch.count(`refused to publish: ${codeOf(answer)}`)
        return
      }
      this.#later(4000, () =>
        answer?.type === 'done' ? this.#look(wanted) : this.#publish(wanted),
      )
    })
  }

  /** Asks how far it is. What was admitted may be gone with a disk: then it is published again. */
  #look(wanted: Wanted): void {
    const { writer, published } = wanted
    if (wanted.wantsEnd) this.#cancel(wanted)
    this.#ask(writer, { type: 'job', job: published.id }, (answer) => {
      const { watch } = this.#scene
      const isEnded = watch.tallyOf(writer).jobs.get(published.id)?.isEnded
      if (answer?.type === 'job' && (answer.ended !== undefined || isEnded)) {
        wanted.stage = 'ended'
        return
      }
      const isGone = answer?.type === 'refuse' && codeOf(answer) === 'job.unknown'
      this.#later(15_000, () => (isGone ? this.#publish(wanted) : this.#look(wanted)))
    })
  }

  #cancel({ writer, published }: Wanted): void {
    this.#act(writer, { type: 'cancel', job: published.id })
  }

  #act(writer: Writer, act: Request['act'], change: Partial<Request> = {}): void {
    const time = noon + this.#scene.clock.at
    const request: Request = {
      v: 1,
      from: this.#key.id,
      to: writer.chain,
      epoch: this.#scene.watch.tallyOf(writer).epoch,
      counter: ++this.#counter,
      issued: time,
      expires: time + 240_000,
      act,
      ...change,
    }
    const question: Question = { type: 'act', request: sign(requestDocument, request, this.#key) }
    this.#ask(writer, question, () => {
      // The same again, as somebody who listened would send it.
      if (this.#chance.once(3)) this.#ask(writer, question, () => {})
    })
  }

  /** Asks for what nobody may have. */
  #cheat({ published, writer }: Wanted): void {
    const { clock, founded } = this.#scene
    const { job } = published
    const time = noon + clock.at
    const base: Wish = {
      kind: 'plain',
      home: writer.chain,
      publisher: this.#key,
      name: `${this.#name} cheat ${clock.at}`,
      time,
      units: 3,
    }
    const elsewhere = founded.writers.find((one) => one !== writer) ?? writer
    const again = { ...base, name: job.name.slice(job.name.indexOf(' ') + 1), units: 7 }
    const ways: readonly (() => void)[] = [
      // Another job under a nonce that was used.
      () => this.#try(writer, again),
      () => this.#try(elsewhere, base),
      () => this.#try(writer, { ...base, time: time - 7_200_000 }),
      () => this.#try(writer, { ...base, budgetMicro: 10 ** 12 }),
      () => this.#try(writer, { ...base, kind: 'image' }),
      () => this.#act(writer, { type: 'cancel', job: this.#foreignJob() ?? published.id }),
      () => this.#act(writer, { type: 'cancel', job: published.id }, { counter: 1 }),
      () => this.#act(writer, { type: 'cancel', job: published.id }, { epoch: 77 }),
      () => {
        const nonce = digestNamed(base.name).subarray(0, 16)
        this.#act(writer, { type: 'depart', to: elsewhere.chain, micro: 10 ** 9, nonce })
      },
    ]
    for (const way of ways) {
      if (this.#chance.once(2)) this.#later(10_000, way)
    }
  }

  #foreignJob() {
    const { watch, founded } = this.#scene
    const [writer] = founded.writers
    if (writer === undefined) return undefined
    for (const [id, { job }] of watch.tallyOf(writer).jobs) {
      if ((job.publisher as string) !== this.#key.id) return id
    }
    return undefined
  }

  #try(writer: Writer, wish: Wish): void {
    const { signed } = this.#draw(wish)
    this.#ask(writer, { type: 'publish', job: signed }, () => {})
  }

  #ask({ id }: Writer, question: Question, answered: (answer?: AnswerMessage) => void): void {
    this.#scene.network.ask(this.place, id, question, (answer) => {
      const { trace, clock } = this.#scene
      trace.note(clock.at, this.#name, answer === undefined ? 'nothing' : codeOf(answer))
      answered(answer)
    })
  }

  #later(ms: number, what: () => void): void {
    this.#scene.clock.after(about(this.#chance, ms), what)
  }
}

function codeOf(answer: AnswerMessage): string {
  return answer.type === 'refuse' ? answer.refusal.code : answer.type
}
