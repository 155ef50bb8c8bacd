import type { Cid, Job, JobId, Offer } from '@nexapod/specs'

/** A unit to be run: what the core's effect `execute` says. */
export interface UnitSpec {
  /** What the execution is called, as in `freeze`, `thaw` and `kill`. */
  readonly key: string
  readonly id: JobId
  readonly job: Job
  readonly unit: number
  /** Short units of one job under this name run one after the other, on one core. */
  readonly lane?: string
}

/** A file by its path. */
export interface FileAt {
  readonly path: string
  readonly bytes: Uint8Array
}

/** How much of an input there is room for in memory. */
export interface Room {
  readonly bytesMax: number
  readonly filesMax: number
}

/**
 * What an executor needs of the data that was fetched: undefined is what is not there any more, or
 * what there is no room for, of which no more is read than that.
 */
export interface Content {
  /** A file, or the one that lies at a path below a directory. */
  file(cid: Cid, room: Room, below?: string): Promise<Uint8Array | undefined>
  /** All files of a directory, with their paths in it. */
  directory(cid: Cid, room: Room, below?: string): Promise<readonly FileAt[] | undefined>
}

/** How the last program that ran ended: a function of the job and the unit. */
export type Ended =
  | { readonly type: 'exit'; readonly executor: number; readonly code: number }
  | {
      readonly type: 'trap' | 'out-of-fuel' | 'stack-limit' | 'output-limit'
      readonly executor: number
    }

/** An output that is there at the end: itself, or of a directory all files in it. */
export interface Output {
  readonly path: string
  readonly kind: 'file' | 'directory'
  /** With their paths in the sandbox, in ascending order. */
  readonly files: readonly FileAt[]
}

/** What became of a unit: what it gave, or what the machine did. The one is never the other. */
export type Executed =
  | {
      readonly type: 'ran'
      readonly ended: Ended
      /** Instructions counted; for modules alone. */
      readonly fuel?: number
      readonly outputs: readonly Output[]
      readonly remarks: {
        readonly wallMs: number
        readonly cpuMs: number
        readonly ramBytesPeak: number
      }
    }
  | {
      readonly type: 'failed'
      /** `beside` it in its lane something ended all, or it did: it may run again alone. */
      readonly reason: 'timeout' | 'memory' | 'killed' | 'unavailable' | 'beside'
    }

/** What an executor can do on this machine, as an offer says it. */
export type Capability = Offer['executors'][number]

/** Hears what programs write to streams that are no output, as far as anybody keeps it. */
export type OnLog = (stream: 1 | 2, bytes: Uint8Array) => void

/** What runs the programs of a unit. */
export interface Executor extends AsyncDisposable {
  readonly kind: Capability['type']
  /** Measures what it can do; undefined where it cannot do anything here. */
  probe(signal: AbortSignal): Promise<Capability | undefined>
  /** Runs a unit for no longer than its job says; an aborted signal ends it. */
  run(unit: UnitSpec, signal: AbortSignal, onLog: OnLog): Promise<Executed>
  /** Lets an execution stand still: it keeps its memory, and its time does not go on. */
  freeze(key: string): void
  thaw(key: string): void
  /** Gives each execution this share of a core. */
  pace(cpuPercent: number): void
}
