import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { FaultKind } from './plan.ts'

/** What the history keeps of a fact: what a checker needs, and nothing that has to be opened. */
export type Noted =
  | { readonly f: 'job'; readonly job: string; readonly publisher: string }
  | { readonly f: 'receipt'; readonly key: string }
  | {
      readonly f: 'verdict'
      readonly job: string
      readonly unit: number
      readonly as: string
      /** Slots that agree with an accepted outcome, ascending. */
      readonly agreeing: readonly number[]
      /** Whose the executions are that this verdict opens, by slot. */
      readonly opened: readonly (readonly [slot: number, node: string])[]
    }
  | { readonly f: 'reopen'; readonly job: string; readonly unit: number }
  | {
      readonly f: 'transfer'
      readonly id: string
      readonly purpose: string
      readonly from: string
      readonly to: string
      readonly micro: number
      /** What it settles, or what arrives by it. */
      readonly of?: string
    }
  | { readonly f: 'end'; readonly job: string; readonly as: string }
  | { readonly f: 'seal'; readonly size: number; readonly successor: string }

/** A chain as somebody read it, as far as a quorum has signed it, and all of it was true. */
interface WasRead {
  readonly chain: string
  readonly epoch: number
  readonly size: number
  readonly head: string
  /** Of all accounts together, as the state is whose root was signed. */
  readonly sum: number
}

/** One thing that happened. */
export type Happening =
  | {
      readonly type: 'fault'
      readonly phase: 'begins' | 'ends'
      readonly number: number
      readonly kind: FaultKind
      readonly on: readonly string[]
    }
  /** A coordinator told a publisher that it has a job. */
  | {
      readonly type: 'published'
      readonly publisher: string
      readonly job: string
      readonly chain: string
      readonly units: number
      readonly ms: number
    }
  /** A job was not taken, or nobody knows. */
  | { readonly type: 'refused'; readonly publisher: string; readonly code: string }
  /** A publisher was told that its job has ended. */
  | {
      readonly type: 'ended'
      readonly publisher: string
      readonly job: string
      readonly accepted: number
      readonly dead: number
    }
  /** Who writes an epoch told a node that it keeps its receipt: job/unit/slot/epoch/fence. */
  | {
      readonly type: 'acknowledged'
      readonly node: string
      readonly key: string
      readonly from: string
      readonly epoch: number
    }
  /** A second process with the key of a coordinator writes the same chain. */
  | {
      readonly type: 'forked'
      readonly name: string
      readonly chain: string
      /** Who has to find out. */
      readonly others: readonly string[]
    }
  /** A coordinator has shown the proof that a chain was forked, of so many bytes. */
  | {
      readonly type: 'proven'
      readonly from: string
      readonly chain: string
      readonly bytes: number
    }
  | ({ readonly type: 'read'; readonly from: string } & WasRead)
  /** What a coordinator served breaks a rule of the ledger, or does not go on from before. */
  | {
      readonly type: 'broken'
      readonly from: string
      readonly chain: string
      readonly seq: number
      readonly code: string
    }
  /** A coordinator served an epoch beyond where a quorum has ended it, as who was away may. */
  | {
      readonly type: 'ended-served'
      readonly from: string
      readonly chain: string
      readonly epoch: number
    }
  /** A chain as it was read at the end, from its first entry on. */
  | {
      readonly type: 'entry'
      readonly chain: string
      readonly epoch: number
      readonly seq: number
      readonly hash: string
      readonly facts: readonly Noted[]
    }
  /** Where a coordinator said, at the end, that a chain stands. */
  | {
      readonly type: 'stands'
      readonly from: string
      readonly chain: string
      readonly epoch: number
      readonly size: number
      readonly head: string
    }
  /** How much memory and disk a coordinator has, and how many chains it writes and follows. */
  | {
      readonly type: 'weighs'
      readonly name: string
      readonly memoryBytes: number
      readonly diskBytes: number
      readonly writes: number
      readonly follows: number
    }
  /** Somebody who was to be up is not, and nobody had ended it. */
  | { readonly type: 'down'; readonly name: string; readonly why: string }

/** One thing that happened, and how long after the beginning. */
export type Event = { readonly at: number } & Happening

/** Keeps what happened, in the order in which it was heard of, here and in a file. */
export class History implements AsyncDisposable {
  readonly events: Event[] = []
  readonly #file: ReturnType<typeof createWriteStream>
  readonly #from = performance.now()

  constructor(path: string) {
    this.#file = createWriteStream(path)
  }

  /** Milliseconds since it was begun. */
  get now(): number {
    return Math.round(performance.now() - this.#from)
  }

  add(happening: Happening): void {
    const event = { at: this.now, ...happening }
    this.events.push(event)
    this.#file.write(`${JSON.stringify(event)}\n`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#file.end()
    await once(this.#file, 'close')
  }
}
