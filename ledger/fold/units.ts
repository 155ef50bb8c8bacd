import { type JobId, unitsPerRow } from '@nexapod/specs'
import { must } from './rule.ts'
import type { State, UnitRow } from './state.ts'

/** A unit that waits for a verdict. */
export type OpenUnit = UnitRow & { readonly type: 'open' }
/** A unit with a verdict, for which something is held. */
export type DecidedUnit = UnitRow & { readonly type: 'decided' }

const untouched: OpenUnit = {
  type: 'open',
  sealed: [],
  metered: [],
  votes: [],
  held: 0,
}

/** What is known of a unit that is open; nothing before its first receipt. */
export function openUnit(state: State, job: JobId, unit: number): OpenUnit {
  const row = state.units.get(job, unit)
  const decided = row === undefined ? isDone(state, job, unit) : row.type === 'decided'
  must(!decided, 'a unit that is decided takes no more')
  return row?.type === 'open' ? row : untouched
}

/** An accepted unit as it is when it is opened again: who voted what is known. */
export function reopened(state: State, job: JobId, unit: number): OpenUnit {
  const row = state.units.get(job, unit)
  must(row?.type === 'decided', 'what is reopened is decided, and not final')
  const { metered, votes, held } = row
  must(
    votes.some(({ wins }) => wins),
    'what is reopened was accepted',
  )
  must(!row.closing, 'what is settled stays as it was decided')
  return { type: 'open', sealed: [], metered, votes, held }
}

/** Keeps a decided unit while something is held for it; then a bit is all that is left of it. */
export function keepDecided(state: State, job: JobId, unit: number, row: DecidedUnit): void {
  if (row.held > 0) {
    state.units.set(job, unit, row)
    return
  }
  state.units.delete(job, unit)
  const { number, byte, bit } = bitOf(unit)
  const bits = state.done.get(job, number)?.bits.slice() ?? new Uint8Array(unitsPerRow / 8)
  bits[byte] = (bits[byte] as number) | bit
  state.done.set(job, number, { bits })
}

/** Forgets all units of a job: the rows that there are, not those that there might be. */
export function forgetUnits(state: State, job: JobId): void {
  state.units.deleteAll(job)
  state.done.deleteAll(job)
}

/** Whether a unit is decided, with nothing held for it. */
export function isDone(state: State, job: JobId, unit: number): boolean {
  const { number, byte, bit } = bitOf(unit)
  const row = state.done.get(job, number)
  return row !== undefined && ((row.bits[byte] as number) & bit) !== 0
}

/** Which row of `done` has the bit of a unit, and where in it. */
function bitOf(unit: number): { number: number; byte: number; bit: number } {
  const at = unit % unitsPerRow
  return { number: Math.floor(unit / unitsPerRow), byte: at >>> 3, bit: 1 << (at & 7) }
}
