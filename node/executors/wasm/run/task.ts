import type { Ended, FileAt, Output } from '../../executor.ts'

/** One program of a unit, filled in. */
export interface Program {
  /** The CID of its module: who has seen it need not be given it again. */
  readonly module: string
  readonly args: readonly string[]
  readonly variables: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly stdout?: string
  readonly stderr?: string
  readonly workdir?: string
  readonly ignoreError: boolean
}

/**
 * All that a unit runs with, as plain data: a function of the job and the number of the unit, so
 * that whatever a run can learn is one too.
 */
export interface Task {
  readonly programs: readonly Program[]
  readonly files: readonly FileAt[]
  /** Directories that are there from the beginning, beside those that files lie in. */
  readonly directories: readonly string[]
  readonly outputs: readonly { readonly path: string; readonly kind: 'file' | 'directory' }[]
  readonly fuel: number
  readonly memoryBytesMax: number
  readonly fileBytesMax: number
  /** What the clock shows when the unit begins: when its job was issued. */
  readonly epochMs: number
  /** 32 bytes from which all of its chance comes. */
  readonly seed: Uint8Array
}

/** What a task gave: a function of it, whoever ran it. */
export interface Ran {
  readonly type: 'ran'
  readonly ended: Ended
  readonly fuel: number
  readonly outputs: readonly Output[]
  /** The largest memory of a program with the files of the unit: what the machine had to have. */
  readonly ramBytesPeak: number
}

/** What the machine could not do. It says nothing about the task. */
export interface Failed {
  readonly type: 'failed'
  readonly reason: 'memory' | 'unavailable'
}
