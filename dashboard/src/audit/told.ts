import type { Happening } from './happening.ts'

/** What is wrong with a chain: from then on nothing that the coordinator says is believed. */
export interface Alarm {
  readonly kind: 'fork' | 'gap' | 'entry' | 'signature' | 'checkpoint'
  /** The refusal of the code that found it. */
  readonly code: string
  readonly words: string
  /** Which entries. */
  readonly at?: string
  /** Two signed checkpoints that contradict each other: others believe this file. */
  readonly evidence?: Uint8Array
}

/** A checkpoint that was verified. */
interface Sealed {
  readonly size: number
  readonly time: number
  readonly root: string
  readonly state: string
  readonly coordinator: string
  readonly witnesses: number
  readonly members: number
  readonly quorum: number
  readonly isSeen: boolean
}

/** Where the reading of the chain stands in this browser. */
export interface Standing {
  readonly phase: 'begins' | 'reads' | 'level' | 'young' | 'away' | 'alarm'
  readonly chain?: string
  readonly mesh?: string
  /** Entries that were read and verified. */
  readonly size: number
  /** Of those that the coordinator says there are under a checkpoint. */
  readonly target: number
  /** How many of them were verified at an earlier visit. */
  readonly resumed: number
  readonly signatures: number
  readonly head?: string
  readonly sealed?: Sealed
  /** How long this visit has taken for how many entries. */
  readonly ms: number
  readonly read: number
  readonly alarm?: Alarm
}

/** One step of a proof, in the order in which a reader would take them. */
export interface Step {
  readonly what: string
  readonly ok: boolean
  readonly detail: string
}

/** A proof that was checked here. */
export interface Proof {
  readonly seq: number
  readonly steps: readonly Step[]
  /** The entry as JSON, if it is one. */
  readonly entry?: unknown
  readonly path: readonly string[]
  readonly hash?: string
}

/** What the page asks of the worker. */
export type Asked =
  | { readonly type: 'begin'; readonly base: string }
  | { readonly type: 'visible'; readonly is: boolean }
  | { readonly type: 'prove'; readonly id: number; readonly seq: number }
  | { readonly type: 'certify'; readonly id: number; readonly file: Blob }
  | { readonly type: 'forget' }

/** What the worker tells the page. */
export type Told =
  | { readonly type: 'standing'; readonly standing: Standing }
  | { readonly type: 'happened'; readonly happenings: readonly Happening[]; readonly live: boolean }
  | { readonly type: 'line'; readonly is: 'open' | 'lost' }
  | { readonly type: 'proof'; readonly id: number; readonly proof: Proof }
  | { readonly type: 'certified'; readonly id: number; readonly steps: readonly Step[] }
