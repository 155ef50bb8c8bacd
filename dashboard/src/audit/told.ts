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

/** A certificate that was made here, with what it says; or why there is none. */
export type Attested =
  | { readonly ok: false; readonly why: string }
  | {
      readonly ok: true
      readonly bytes: Uint8Array
      readonly owner: string
      readonly micro: number
      /** It is kept until the owner's node has shown more. */
      readonly isBond: boolean
      readonly mesh: string
      readonly chain: string
      readonly size: number
      readonly checkpoint: string
      readonly root: string
      readonly time: number
      readonly coordinator: string
      readonly signers: number
      readonly members: number
    }

/** What the page asks of the worker. */
export type Asked =
  | { readonly type: 'begin'; readonly base: string; readonly chain: string | undefined }
  | { readonly type: 'visible'; readonly is: boolean }
  | { readonly type: 'prove'; readonly id: number; readonly seq: number }
  | { readonly type: 'certify'; readonly id: number; readonly file: Blob }
  | { readonly type: 'attest'; readonly id: number; readonly owner: string }
  | { readonly type: 'forget' }

/** What the worker tells the page. */
export type Told =
  | { readonly type: 'standing'; readonly standing: Standing }
  | { readonly type: 'happened'; readonly happenings: readonly Happening[]; readonly live: boolean }
  | { readonly type: 'line'; readonly is: 'open' | 'lost' }
  | { readonly type: 'proof'; readonly id: number; readonly proof: Proof }
  | { readonly type: 'certified'; readonly id: number; readonly steps: readonly Step[] }
  | { readonly type: 'attested'; readonly id: number; readonly attested: Attested }
