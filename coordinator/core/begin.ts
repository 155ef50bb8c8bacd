import type { Ledger, Taken } from '@nexapod/ledger'
import { type CoordinatorId, jobDocument, jobId, reopen } from '@nexapod/specs'
import { learnChanges } from './amending.ts'
import { Census } from './census.ts'
import { compareAgain } from './comparing.ts'
import { Draws } from './draws.ts'
import type { Effect } from './effect.ts'
import type { Moment } from './event.ts'
import { bookOf } from './jobs.ts'
import { LeaseTable } from './lease-table.ts'
import { DataIndex } from './match/data.ts'
import { Fifo } from './queue/fifo.ts'
import { Queue } from './queue/queue.ts'
import { recover } from './recover.ts'
import { firmRow, type Named, type Row, seedRow } from './row.ts'
import { nextSeed } from './seed.ts'
import type { Probes, Setting } from './setting.ts'
import type { State, Trial } from './state.ts'
import { settle } from './step.ts'
import { Timers } from './timers.ts'
import { Turn } from './turn.ts'

/** A coordinator that has begun, and what is to be done about it. */
export interface Begun {
  readonly state: State
  readonly effects: readonly Effect[]
}

/** Begins from what is on the disk: the ledger as it was folded, and the rows beside it. */
export function begin(
  setting: Setting,
  ledger: Ledger,
  rows: readonly Named[],
  moment: Moment,
): Begun {
  const first = founded(setting, ledger, moment)
  const state = emptyState(setting, ledger, moment.at)
  const turn = new Turn(state, moment, first)
  if (setting.changes !== undefined) learnChanges(turn, setting.changes)
  const kept = new Map<string, Row>()
  for (const { name, row } of rows) if (row !== undefined) kept.set(name, row)
  recover(turn, kept)
  const firm = kept.get(firmRow)
  const isFirm = firm?.type === 'firm' && firm.epoch === state.epoch
  if (isFirm && !isUnasked(setting, ledger)) state.firmFrom = undefined
  const seed = kept.get(seedRow)
  const isShown = ledger.state.meta.get('')?.draw !== undefined
  nextSeed(turn, isShown && seed?.type === 'seed' ? seed.seed : undefined)
  compareAgain(turn, state)
  settle(turn)
  return { state, effects: turn.end() }
}

/** Writes the fact that a chain, or its next epoch, begins with. */
function founded({ first }: Setting, ledger: Ledger, { time }: Moment): Taken[] {
  if (first === undefined) return []
  const taken = ledger.write([first], Math.max(time, ledger.chain.tip?.time ?? 0))
  if (!taken.ok) throw new Error(`the chain does not begin: ${taken.refusal.detail}`)
  return [taken.value]
}

/** Whether others may have seen more of the chain than is here. */
function isUnasked({ unasked }: Setting, { chain: { tip } }: Ledger): boolean {
  return unasked === true && (tip?.governance.quorum ?? 1) > 1
}

function emptyState(setting: Setting, ledger: Ledger, at: number): State {
  const { tip: stand } = ledger.chain
  if (stand === undefined) throw new Error('a chain begins with its genesis')
  const { chain, epoch } = stand
  const coordinator = setting.signer.id as CoordinatorId
  if (stand.coordinator !== coordinator) throw new Error('this epoch is written by another')
  const fence = Math.max(1, ledger.state.meta.get('')?.fences ?? 0)
  return {
    ...{ setting, ledger, coordinator, chain, epoch, at, clock: { at, time: stand.time } },
    jobs: new Map(),
    uses: new Map(),
    namings: new Map(),
    queue: new Queue(setting.rules.queue),
    data: new DataIndex(),
    nodes: new Map(),
    streams: new Map(),
    leases: new LeaseTable(epoch),
    census: new Census(),
    timers: new Timers(),
    draws: new Draws(setting.secret),
    seed: new Uint8Array(32),
    seedPeriod: 0,
    seedUntil: at,
    fence,
    fencesBelow: fence,
    asking: new Set(),
    waiting: new Set(),
    fresh: false,
    toRule: new Set(),
    voted: new Map(),
    settling: new Fifo(),
    clearing: new Set(),
    bonds: new Map(),
    changed: new Set(),
    ending: new Set(),
    verdicted: new Map(),
    covered: undefined,
    firmFrom: epoch === 0 && !isUnasked(setting, ledger) ? undefined : stand.size,
    lapses: new Map(),
    excuses: new Map(),
    foreign: new Map(),
    shut: new Set(),
    over: new Map(),
    shunned: new Map(),
    sinceBan: undefined,
    measured: { wasm: { audited: 0, wrong: 0 }, docker: { audited: 0, wrong: 0 } },
    probes: setting.probes && trialOf(setting.probes),
    draining: false,
    isOut: false,
    wakeAt: Number.POSITIVE_INFINITY,
  }
}

function trialOf({ job, result }: Probes): Trial {
  const read = reopen(jobDocument, job)
  if (!read.ok) throw new Error('the job of known answers is none')
  return { book: bookOf(jobId(job), job, read.value), next: 0, result }
}
