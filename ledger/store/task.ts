import type { Answer } from '@nexapod/specs'
import type { Stand } from '../chain/chain.ts'
import type { Tip } from './tip.ts'

/** What is to be done with files that may be damaged. */
export type Task =
  | { readonly task: 'probe'; readonly directory: string; readonly scratch: string }
  | {
      readonly task: 'audit'
      readonly directory: string
      readonly scratch: string
      readonly from?: Stand
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

/** Who listens to a task. */
export interface Listening {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((stand: Stand, size: number) => void) | undefined
  readonly onSalvage?: ((salvage: Salvage) => void) | undefined
}

/** Does a task: in a child, because native code can fall over what it reads. */
export type Look = (task: Task, listening?: Listening) => Promise<Answer<Tip>>

/** What a child says: how far it is, what it found, then what came of it. */
export type Said =
  | { readonly said: 'salvage'; readonly salvage: Salvage }
  | { readonly said: 'progress'; readonly stand: Stand; readonly size: number }
  | { readonly said: 'done'; readonly answer: Answer<Tip> }
