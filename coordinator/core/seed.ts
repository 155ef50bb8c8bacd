import { digestText, refusalOf, sha256 } from '@nexapod/specs'
import { seedRow } from './row.ts'
import type { Turn } from './turn.ts'

/** How long audits are drawn by one seed: nobody can check them before it is shown. */
const seedMs = 24 * 60 * 60 * 1000

/** Commits to the next seed, and shows the one before, when its time is over. */
export function turnSeed(turn: Turn): void {
  const { state, at } = turn
  if (at >= state.seedUntil) nextSeed(turn, state.seed)
}

/** Commits to the next seed; `shown` is the one before, if it is known. */
export function nextSeed(turn: Turn, shown: Uint8Array | undefined): void {
  const { state, at } = turn
  const seed = state.draws.seed(state.seedPeriod++)
  const next = digestText(sha256(seed))
  turn.write([{ type: 'draw', next, ...(shown === undefined ? {} : { shown }) }])
  turn.keep(seedRow, { type: 'seed', seed })
  state.seed = seed
  state.seedUntil = at + seedMs
}

/** The coordinator is going: it admits and leases nothing more, and tells its nodes. */
export function drain(turn: Turn): void {
  const { state } = turn
  state.draining = true
  for (const node of state.streams.values()) {
    if (node.welcomed) turn.say(node, { type: 'drain', refusal: refusalOf('wire.closing') })
  }
}
