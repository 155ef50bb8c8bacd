import type {
  Answer,
  Beacon,
  ChainId,
  CoordinatorId,
  FromCoordinator,
  FromNode,
  Job,
  JobId,
  Manifest,
  Refusal,
  Signed,
} from '@nexapod/specs'
import type { News } from '../core/effect.ts'
import type { Ended } from '../core/event.ts'
import type { Change } from './journal.ts'

/** Time and chance, which the core has none of. */
export interface Nature {
  /** Milliseconds on a clock that nobody sets and that never goes back. */
  now(): number
  /** By the clock on the wall. */
  time(): number
  /** A drawn whole number from 0 to 2^32 - 1. */
  draw(): number
  /** 32 bytes that nobody can guess. */
  salt(): Uint8Array
  /** Runs something after so many milliseconds; what it gives forgets that again. */
  after(ms: number, run: () => void): () => void
}

/** Where rows are on the disk when `write` is done. */
export interface Rows {
  write(changes: readonly Change[]): Promise<void>
}

/** What a line tells of the other end. */
export interface Ear {
  heard(messages: readonly FromCoordinator[]): void
  drained(): void
  ended(): void
  closed(refusal?: Refusal): void
}

/** A stream to a coordinator, as the mesh has it. */
export interface Line {
  listen(ear: Ear): void
  say(messages: readonly FromNode[]): Answer<boolean>
  pause(): void
  resume(): void
  close(): void
  refuse(refusal: Refusal): void
}

/** The way to coordinators. */
export interface Road {
  dial(to: CoordinatorId, signal: AbortSignal): Promise<Answer<Line>>
  /** Asks all of them who writes a chain, and gives what those say who do. */
  seek(chain: ChainId, found: (beacon: Signed<Beacon>) => void, signal: AbortSignal): Promise<void>
}

/** What an execution came to, but for the salt of its receipt. */
export type Outcome = { readonly type: 'result'; readonly manifest: Manifest } | Failure

type Failure = Exclude<Ended, { readonly type: 'result' }>

/** A unit under one lease, as the core has it executed. */
export interface Execution {
  /** What the core calls it by. */
  readonly key: string
  readonly id: JobId
  readonly job: Job
  readonly unit: number
  /** What it shares a core by, if it does. */
  readonly lane?: string
}

/** Where units are fetched and run. An aborted signal ends either, and both still settle. */
export interface Workshop {
  /** Whether all inputs of a unit are there. */
  fetch(of: Omit<Execution, 'id'>, signal: AbortSignal): Promise<boolean>
  /**
   * What a unit gives. Its outputs are on the disk then, and nobody is shown them. When its
   * programs have ended, that is said before.
   */
  execute(execution: Execution, signal: AbortSignal, ran: () => void): Promise<Outcome>
  /** Lets a unit stand still, or go on. */
  freeze(key: string, still: boolean): void
  /** Gives all units this share of each core. */
  pace(cpuPercent: number): void
  /**
   * A unit is over, or its receipt may go: nothing has to be kept for it. What it gave may be seen
   * from now on if it was decided, and is dropped if not.
   */
  release(key: string, decided: boolean): Promise<void>
}

/** All that a node stands on. */
export interface Ground {
  readonly nature: Nature
  readonly rows: Rows
  readonly road: Road
  readonly workshop: Workshop
  /** Tells the owner. */
  tell(news: News): void
}
