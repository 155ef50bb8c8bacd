import { Ledger, type Taken } from '@nexapod/ledger'
import type { Hearer } from '@nexapod/mesh'
import {
  type Answer,
  accept,
  type FromCoordinator,
  type FromNode,
  open,
  type Refusal,
  reopen,
} from '@nexapod/specs'
import { begin } from '../core/begin.ts'
import { usualRules } from '../core/setting.ts'
import type { WorkChannel } from '../shell/home/desk.ts'
import { type Act, type Append, Sequence } from '../shell/home/sequence.ts'
import { machineTime } from '../shell/time.ts'
import { genesisOf, keyNamed, nodeNamed, noon, offerOf, usualRates } from './cast.ts'

/** An append that the disk has not finished. */
interface Writing {
  readonly taken: readonly Taken[]
  readonly done: (answer: Answer<unknown>) => void
}

/** A sequence whose disk does what the test says, and when. */
export class ShellRig {
  readonly sequence: Sequence
  readonly writing: Writing[] = []
  readonly acts: Act[] = []
  room = 4096
  onDrained = () => {}
  #wrote: (() => void)[] = []

  constructor() {
    const ledger = new Ledger(reopen)
    const { state, effects } = begin(
      {
        signer: keyNamed('kim'),
        open,
        secret: new Uint8Array(32),
        rules: usualRules,
        first: genesisOf(usualRates),
      },
      ledger,
      [],
      { at: 0, time: noon },
    )
    state.at = 0
    this.sequence = new Sequence(state, {
      time: machineTime,
      room: () => this.room,
      append: ({ taken }: Append) =>
        new Promise((done) => {
          this.writing.push({ taken, done })
          for (const wrote of this.#wrote.splice(0)) wrote()
        }),
      perform: (act) => this.acts.push(act),
      stepped: () => {},
      drained: () => this.onDrained(),
    })
    this.sequence.begin(effects)
  }

  get mesh() {
    const { tip } = this.sequence.state.ledger.chain
    if (tip === undefined) throw new Error('a chain begins with its genesis')
    return tip.governance.mesh
  }

  /** The first append that is on its way, or comes. */
  async write(): Promise<Writing> {
    while (this.writing.length === 0) {
      await new Promise<void>((wrote) => this.#wrote.push(wrote))
    }
    return this.writing.shift() as Writing
  }

  /** Syncs all that comes until nothing does. */
  async syncAll(): Promise<void> {
    const synced = this.sequence.synced()
    let isSynced = false
    void synced.then(() => {
      isSynced = true
      for (const wrote of this.#wrote.splice(0)) wrote()
    })
    for (let turns = 0; !isSynced; turns++) {
      if (turns > 10_000) throw new Error('what was written is never said to be synced')
      for (const { done } of this.writing.splice(0)) done(accept(undefined))
      await new Promise((turn) => setImmediate(turn))
    }
  }

  /** Some steps of the event loop, in which everything would happen that can. */
  async settle(): Promise<void> {
    for (let i = 0; i < 10; i++) await new Promise((turn) => setImmediate(turn))
  }

  hello(name: string, stream: number): void {
    const node = nodeNamed(name)
    this.sequence.happen({ type: 'opened', stream, node, network: name })
    this.sequence.happen({ type: 'heard', stream, messages: [this.helloOf(name)] })
  }

  /** The first that a node says. */
  helloOf(name: string): FromNode {
    return { type: 'hello', mesh: this.mesh, offer: offerOf(name) }
  }

  said(): FromCoordinator[] {
    return this.acts.flatMap((act) => (act.type === 'send' ? act.messages : []))
  }
}

/** The stream of a node, as a desk sees it: what comes on it is what the test says. */
export class ScriptedStream implements WorkChannel {
  readonly told: FromCoordinator[] = []
  isPaused = false
  /** With what it was ended. */
  refusal: Refusal | undefined
  /** What `say` answers. */
  answer: Answer<boolean> = accept(true)
  #hearer: Hearer<FromNode> | undefined

  listen(hearer: Hearer<FromNode>): void {
    this.#hearer = hearer
  }

  say(messages: readonly FromCoordinator[]): Answer<boolean> {
    this.told.push(...messages)
    return this.answer
  }

  /** The node says something. */
  comes(...messages: FromNode[]): void {
    this.#hearer?.heard(messages)
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }

  close(): void {
    this.#end(undefined)
  }

  refuse(refusal: Refusal): void {
    this.refusal = refusal
    this.#end(refusal)
  }

  #end(refusal: Refusal | undefined): void {
    const hearer = this.#hearer
    this.#hearer = undefined
    hearer?.closed(refusal)
  }
}
