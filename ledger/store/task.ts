import type { Answer, Digest } from '@nexapod/specs'
import type { Tip } from './tip.ts'

/** What is to be done with files that may be damaged. */
export type Task =
  | { readonly task: 'probe'; readonly directory: string; readonly scratch: string }
  | {
      readonly task: 'audit'
      readonly directory: string
      readonly scratch: string
      readonly signatures: boolean
    }
  | {
      readonly task: 'salvage'
      readonly directory: string
      readonly scratch: string
      readonly size: number
    }

/** A kept row that is still as it was written. */
export interface SalvagedRow {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** What is still as it was written in a damaged store: kept rows, and entries that follow. */
export interface Salvage {
  readonly kept: readonly SalvagedRow[]
  readonly entries: readonly Uint8Array[]
}

/** What an audit found that is more than a tip. */
export interface Audit {
  /** The root of the state that all entries add up to. */
  readonly state: Digest
  /** How many checkpoints that were signed here, and cosignatures under them, say the same. */
  readonly checkpoints: number
  readonly cosignatures: number
  /** The most memory that the process had that did it. */
  readonly memoryBytes: number
}

/** Who listens to a task. */
export interface Listening {
  readonly signal?: AbortSignal | undefined
  /** How many entries were read, and of how many. */
  readonly onProgress?: ((done: number, size: number) => void) | undefined
  readonly onAudit?: ((audit: Audit) => void) | undefined
  readonly onSalvage?: ((salvage: Salvage) => void) | undefined
}

/** Does a task: in a child, because native code can fall over what it reads. */
export type Look = (task: Task, listening?: Listening) => Promise<Answer<Tip>>

/** What a child says: how far it is, what it found, then what came of it. */
export type Said =
  | { readonly said: 'salvage'; readonly salvage: Salvage }
  | { readonly said: 'progress'; readonly done: number; readonly size: number }
  | { readonly said: 'audit'; readonly audit: Audit }
  | { readonly said: 'done'; readonly answer: Answer<Tip> }
