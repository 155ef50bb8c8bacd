import { type Job, limits, resultId } from '@nexapod/specs'
import type { Ended } from './event.ts'
import { dropHeld, giveBack } from './leases.ts'
import type { Allowance } from './limits/allowance.ts'
import { allowed, fits, isFirst, type Needs, needsOf, type Tally, usedBy } from './load.ts'
import { beginTime, changePace, spentMs, startTime, stopTime } from './run-time.ts'
import type { Held, State } from './state.ts'
import type { Turn } from './turn.ts'

/** Brings what runs in line with what is allowed: less first, then more. */
export function settleRunning(turn: Turn): void {
  const { state } = turn
  const allowance = allowed(state)
  if (allowance.cpuPercent !== state.pace) {
    changePace(state, allowance.cpuPercent)
    turn.act({ type: 'pace', cpuPercent: allowance.cpuPercent })
  }
  const shedding = state.order === 'pause' || state.limits.onReturn !== 'finish'
  if (shedding) {
    shedCores(turn, allowance)
    shedMemory(turn, allowance)
  }
  shedFetches(turn, allowance, shedding)
  thaw(turn, allowance)
  start(turn, allowance)
  fetch(turn, allowance)
}

/** The inputs of a unit are there, or cannot be had. */
export function fetched(turn: Turn, key: string, there: boolean): void {
  const held = turn.state.held.get(key)
  if (held?.stage === 'ending') dropHeld(turn.state, held)
  else if (held?.stage !== 'fetching') throw new Error(`nothing was being fetched for ${key}`)
  else if (there) move(turn, held, 'ready')
  else {
    // Nothing of it goes on any more, so there is nothing to be killed.
    move(turn, held, 'ready')
    giveBack(turn, held, 'data')
  }
}

/** The programs of a unit have ended: its cores are free, and what it gave is being kept. */
export function ran(turn: Turn, key: string): void {
  const held = turn.state.held.get(key)
  if (held?.stage !== 'executing' || held.begunAt === undefined) return
  learnPace(turn.state, held)
  move(turn, held, 'keeping')
  // The next of its lane begins where it ended.
  if (held.lane === undefined) return
  for (const one of laneOf(turn.state, held)) {
    one.begunAt = turn.at
    beginTime(turn.state, one)
  }
}

/** An execution ended: what it gave is sealed, unless the unit was given back. */
export function executed(turn: Turn, key: string, ended: Ended): void {
  const { state } = turn
  const held = state.held.get(key)
  if (held?.begunAt === undefined) throw new Error(`nothing was executing for ${key}`)
  const { stage } = held
  if (ended.type === 'beside' && stage !== 'ending') {
    runAlone(turn, held)
    return
  }
  if (ended.type === 'result') {
    checkOutcome(held, ended)
    if (stage !== 'keeping') learnPace(state, held)
    const { manifest, salt } = ended
    if (stage !== 'ending' || held.late) turn.sealLater({ held, manifest, salt, stage })
  } else if (ended.type === 'failed' && stage !== 'ending') {
    giveBack(turn, stopped(turn, held), ended.why)
  }
  dropHeld(state, held)
}

/** What it gave must be of its unit: anything else is a mistake of this node. */
function checkOutcome({ key, lease }: Held, { manifest }: Ended & { type: 'result' }): void {
  const { outcome } = manifest
  if (outcome.job === lease.job && outcome.unit === lease.unit) return
  throw new Error(`the outcome of ${key} is of another unit`, { cause: resultId(outcome) })
}

/** Running means of how long units take, so that no more are held ahead than are of use. */
function learnPace(state: State, held: Held): void {
  const { paces, unitMs } = state
  const { job } = held.lease
  const tookMs = spentMs(state, held)
  const mean = (before: number | undefined) => {
    return before === undefined ? tookMs : Math.floor((7 * before + tookMs) / 8)
  }
  state.unitMs = mean(unitMs)
  paces.set(job, mean(paces.get(job)))
}

/** Something ended all of its lane: it begins again when there is a core for it alone. */
function runAlone(turn: Turn, held: Held): void {
  held.alone = true
  // It runs again under the same name, and nothing that was said of it before may hold then.
  if (held.stage === 'frozen') turn.act({ type: 'thaw', key: held.key })
  delete held.begunAt
  delete held.lane
  move(turn, held, 'ready')
  beginTime(turn.state, held)
}

/** What has ended by itself need not be killed. */
function stopped(turn: Turn, held: Held): Held {
  move(turn, held, 'ready')
  return held
}

/** Cores are to be given up: what began last has the least to lose. */
function shedCores(turn: Turn, allowance: Allowance): void {
  const { state } = turn
  const { onReturn } = state.limits
  for (const held of begunLast(state)) {
    if (held.stage !== 'executing') continue
    const used = coresGoingOn(state)
    if (used.cores <= allowance.cores && used.gpus <= allowance.gpus.length) return
    for (const one of laneOf(state, held)) {
      if (onReturn === 'abort') {
        giveBack(turn, one, 'owner')
        continue
      }
      turn.act({ type: 'freeze', key: one.key })
      move(turn, one, 'frozen')
    }
  }
}

/** Memory is to be given up, which freezing does not do. */
function shedMemory(turn: Turn, { ramBytesMax }: Allowance): void {
  const { state } = turn
  let ramBytes = 0
  const counted = new Set<string>()
  const over = new Set<string>()
  for (const held of begunLast(state).toReversed()) {
    const { key, lane = key } = held
    const needs = isFirst(held, counted) ? needsOf(state, held).ramBytes : 0
    if (over.has(lane) || ramBytes + needs > ramBytesMax) {
      over.add(lane)
      giveBack(turn, held, 'owner')
    } else ramBytes += needs
  }
}

/** The network is to be given up; what was fetched is there for the next unit. */
function shedFetches(turn: Turn, { stops, holds }: Allowance, shedding: boolean): void {
  const costs = holds.some(({ code }) => code === 'metered' || code === 'transfers')
  if (!costs && !(shedding && stops.length > 0)) return
  for (const held of [...turn.state.held.values()]) {
    if (held.stage === 'fetching') giveBack(turn, held, 'owner')
  }
}

const nothing: Needs = { cores: 0, ramBytes: 0, diskBytes: 0, gpus: 0 }

function thaw(turn: Turn, allowance: Allowance): void {
  const { state } = turn
  const used = usedBy(state)
  for (const held of begunLast(state).toReversed()) {
    const goesOn = laneOf(state, held).some(({ stage }) => stage === 'executing')
    // What is frozen has its memory already, and what is behind another its core.
    const asks = goesOn ? nothing : { ...needsOf(state, held), ramBytes: 0 }
    if (held.stage !== 'frozen' || !hasRoom(used, asks, allowance)) continue
    add(used, asks)
    turn.act({ type: 'thaw', key: held.key })
    move(turn, held, 'executing')
  }
}

/** Executes what is ready, in the order of the leases: nothing that fits is passed for ever. */
function start(turn: Turn, allowance: Allowance): void {
  const { state } = turn
  if (isFrozen(state, allowance) || isBehind(state, allowance)) return
  const used = usedBy(state)
  for (const held of state.held.values()) {
    const job = state.jobs.get(held.lease.job)
    if (held.stage !== 'ready' || job === undefined) continue
    const needs = needsOf(state, held)
    if (!fits(needs, allowance)) continue
    if (!hasRoom(used, needs, allowance)) return
    add(used, needs)
    const behind = shortBehind(state, held, job, allowance.cores - used.cores)
    const lane = behind.length === 0 ? {} : { lane: held.key }
    for (const one of [held, ...behind]) {
      move(turn, one, 'executing')
      one.begunAt = turn.at
      Object.assign(one, lane)
      const { key, lease } = one
      turn.act({ type: 'execute', key, id: lease.job, job, unit: lease.unit, ...lane })
      turn.tell({ type: 'executing', key })
    }
  }
}

/** Short units in one lane take this together: what they are handed over with is shared, too. */
const laneMs = 16
/** Units of jobs that allow them less have a core each: they are ended in time, and alone. */
const lanedMsMin = 2000

/** The units that go behind one, in its lane: as short as it, and not what a free core can have. */
function shortBehind(
  { held, paces, pace }: State,
  { key, alone, lease }: Held,
  { resources }: Job,
  coresFree: number,
): readonly Held[] {
  const unitMs = paces.get(lease.job)
  const isShort = unitMs !== undefined && unitMs < laneMs && pace === 100
  if (!isShort || alone || resources.unitMs < lanedMsMin) return []
  const others = [...held.values()].filter((one) => {
    return one.stage === 'ready' && one.lease.job === lease.job && !one.alone && one.key !== key
  })
  const most = Math.floor(laneMs / (unitMs + 1))
  const share = Math.ceil((others.length + 1) / (Math.max(0, coresFree) + 1))
  return others.slice(0, Math.min(most, share) - 1)
}

/** A unit and those that share its lane, as far as they run or stand still. */
function laneOf(state: State, held: Held): readonly Held[] {
  if (held.lane === undefined) return [held]
  return [...state.held.values()].filter(({ lane, stage }) => {
    return lane === held.lane && (stage === 'executing' || stage === 'frozen')
  })
}

/** Fetches for all units whose job is known, as far as there is disk for them. */
function fetch(turn: Turn, allowance: Allowance): void {
  const { state } = turn
  if (allowance.holds.length > 0 || allowance.stops.length > 0) return
  const used = usedBy(state)
  for (const held of state.held.values()) {
    const job = state.jobs.get(held.lease.job)
    if (held.stage !== 'leased' || !held.shown || job === undefined) continue
    const { diskBytes } = job.resources
    if (used.diskBytes + diskBytes > allowance.diskBytes) continue
    used.diskBytes += diskBytes
    move(turn, held, 'fetching')
    turn.act({ type: 'fetch', key: held.key, job, unit: held.lease.unit })
  }
}

function hasRoom(used: Needs, needs: Needs, allowance: Allowance): boolean {
  return (
    used.cores + needs.cores <= allowance.cores &&
    used.gpus + needs.gpus <= allowance.gpus.length &&
    (needs.ramBytes === 0 || used.ramBytes + needs.ramBytes <= allowance.ramBytes)
  )
}

function add(used: Tally, { cores, gpus, ramBytes }: Needs): void {
  used.cores += cores
  used.gpus += gpus
  used.ramBytes += ramBytes
}

/** What units use that go on running. */
function coresGoingOn(state: State): { cores: number; gpus: number } {
  const used = { cores: 0, gpus: 0 }
  const lanes = new Set<string>()
  for (const held of state.held.values()) {
    if (held.stage !== 'executing' || !isFirst(held, lanes)) continue
    const { cores, gpus } = needsOf(state, held)
    used.cores += cores
    used.gpus += gpus
  }
  return used
}

/** Units that have begun and were not told to end, the last one first. */
function begunLast(state: State): readonly Held[] {
  const begun = [...state.held.values()].filter((held) => {
    return held.stage === 'executing' || held.stage === 'frozen'
  })
  // Of those that began together, the later lease is the last.
  return begun.reverse().sort((a, b) => (b.begunAt ?? 0) - (a.begunAt ?? 0))
}

/** Whether a unit stands still that could go on if others did not run: it has precedence. */
function isFrozen(state: State, allowance: Allowance): boolean {
  for (const held of state.held.values()) {
    if (held.stage === 'frozen' && fits(needsOf(state, held), allowance)) return true
  }
  return false
}

/** Whether the disk is so slow that what units gave would only wait for it. */
function isBehind(state: State, { cores }: Allowance): boolean {
  let keeping = 0
  for (const { stage } of state.held.values()) if (stage === 'keeping') keeping++
  return keeping >= cores * limits.aheadPerCoreMax
}

function move(turn: Turn, held: Held, stage: Held['stage']): void {
  if (stage === 'executing') startTime(turn.state, held)
  else stopTime(turn.state, held)
  held.stage = stage
  held.since = turn.at
}
