import type { Held, State } from './state.ts'

/**
 * The time of a unit is that in which its cores are all its own: it stands still with the unit, and
 * goes half as fast where half of each core is lent. Nobody is given less of it for being lent less
 * at a time. Counted in hundredths of milliseconds, so that shares of it stay whole numbers.
 */
export function spentMs(state: State, held: Held): number {
  return Math.floor(spent(state, held) / whole)
}

/** The unit runs from now on. */
export function startTime(state: State, held: Held): void {
  held.goesSince = state.at
}

/** The unit has had none of its time yet. */
export function beginTime(state: State, held: Held): void {
  held.spent = 0
  if (held.goesSince !== undefined) held.goesSince = state.at
}

/** The unit stands still, or has ended. */
export function stopTime(state: State, held: Held): void {
  held.spent = spent(state, held)
  delete held.goesSince
}

/** What runs is given another share of each core from now on. */
export function changePace(state: State, cpuPercent: number): void {
  for (const held of state.held.values()) {
    if (held.goesSince === undefined) continue
    stopTime(state, held)
    startTime(state, held)
  }
  state.pace = cpuPercent
}

/** When a unit that runs has had so much time, if nothing changes until then. */
export function overAt(state: State, held: Held, ms: number): number {
  const left = Math.max(0, ms * whole - spent(state, held))
  return state.at + Math.ceil(left / Math.max(1, state.pace))
}

/** How long a unit takes here by the clock, at the share of each core that is lent now. */
export function usualMs({ unitMs, pace }: State): number | undefined {
  return unitMs === undefined ? undefined : Math.ceil((unitMs * whole) / (pace || whole))
}

const whole = 100

function spent({ at, pace }: State, { spent = 0, goesSince }: Held): number {
  return goesSince === undefined ? spent : spent + (at - goesSince) * pace
}
