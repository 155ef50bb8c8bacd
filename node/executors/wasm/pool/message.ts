import type { Module } from '../run/run.ts'
import type { Failed, Ran, Task } from '../run/task.ts'

/** A task by the number that a child calls it by. */
export interface Numbered {
  readonly number: number
  readonly task: Task
}

/** What the pool says to a child. */
export type ToChild =
  /** Run these one after the other; modules that the child did not keep follow when it asks. */
  | { readonly say: 'run'; readonly tasks: readonly Numbered[] }
  /** Modules that tasks from this number on wait for; if one is still missing, they are over. */
  | {
      readonly say: 'modules'
      readonly number: number
      readonly modules: ReadonlyMap<string, Uint8Array>
    }
  /** End what runs, whatever it does, and all up to this number. */
  | { readonly say: 'stop'; readonly number: number }

/** What a child says to the pool. */
export type FromChild =
  | { readonly say: 'ready' }
  | {
      readonly say: 'lacks'
      readonly numbers: readonly number[]
      readonly modules: readonly string[]
    }
  | {
      readonly say: 'log'
      readonly number: number
      readonly stream: 1 | 2
      readonly bytes: Uint8Array
    }
  | { readonly say: 'done'; readonly all: readonly Answered[] }
  | { readonly say: 'stopped'; readonly number: number }

/** What came of a task, and what the machine spent on it. */
export interface Done {
  readonly ran: Ran | Failed
  readonly cpuMs: number
  readonly wallMs: number
}

/** What came of which. */
export interface Answered {
  readonly number: number
  readonly done: Done
}

/** What the main thread of a child gives its worker thread: tasks of one bound of memory. */
export interface ToWorker {
  readonly tasks: readonly Numbered[]
  /** Modules that are compiled, and the bytes of those that are yet to be. */
  readonly modules: ReadonlyMap<string, Module | Uint8Array>
}

/** What a worker thread says: what it compiled is kept for the tasks to come. */
export type FromWorker =
  | Exclude<FromChild, { readonly say: 'lacks' | 'stopped' }>
  | {
      readonly say: 'admitted'
      readonly module: string
      readonly memoryBytesMax: number
      readonly admitted: Module
      readonly bytes: number
    }
