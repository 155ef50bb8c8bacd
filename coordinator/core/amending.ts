import { amended, type Governance, isMember } from '@nexapod/ledger'
import {
  type Answer,
  accept,
  type Change,
  changeId,
  limits,
  openChange,
  refuse,
  reopen,
} from '@nexapod/specs'
import { drain } from './seed.ts'
import type { State } from './state.ts'
import type { Turn } from './turn.ts'

/** What an entry has around its facts, and to spare. */
const entryHeadBytes = 1024

/** Takes in a change of the roster or the rates that somebody brings; tells its entry. */
export function amend(turn: Turn, change: Change): Answer<number> {
  const { state } = turn
  const opened = openChange(change, state.setting.open)
  if (!opened.ok) return opened
  const { revision } = opened.value
  const before = entryOf(state, change, revision)
  if (before !== undefined) return before
  const after = amended(governanceOf(state), change)
  if (!after.ok) return after
  learnChanges(turn, [change])
  const written = entryOf(state, change, revision)
  if (written !== undefined) return written
  const detail = `it takes out ${state.coordinator}, whose chain goes on until it is sealed`
  return refuse('chain.roster', { detail })
}

/**
 * Writes the changes that follow, as far as they do. Who writes the chain stays in its roster: if a
 * change takes it out, nothing is written before another brings it back, and then both at once.
 */
export function learnChanges(turn: Turn, changes: readonly Change[]): void {
  const { state } = turn
  const { coordinator } = state
  let governance = governanceOf(state)
  let group: Change[] = []
  let isOut = false
  for (const change of changes) {
    const says = openChange(change, reopen)
    if (says.ok && entryOf(state, change, says.value.revision)?.ok === true) continue
    const after = amended(governance, change)
    if (!after.ok) break
    const began = isMember(governanceOf(state), coordinator)
    governance = after.value
    group.push(change)
    isOut = began && !isMember(governance, coordinator)
    if (isOut || !fits(group)) continue
    turn.write(group)
    group = []
    const { revision, members, quorum } = governance
    turn.tell({ type: 'amended', revision, members: members.length, quorum })
    reconsider(state)
  }
  if (isOut && !state.isOut) leave(turn, governance)
  else if (!isOut && state.isOut && group.length === 0) comeBack(state, changes)
}

/** Where a change stands, if one of its revision was learnt: the same, or else it is refused. */
function entryOf(state: State, change: Change, revision: number): Answer<number> | undefined {
  const known = state.ledger.state.changes.get(`${revision}`)
  if (known === undefined) return undefined
  if (known.id === changeId(change)) return accept(known.seq)
  const detail = `revision ${revision} is another change here, in entry ${known.seq}`
  return refuse('chain.roster', { detail })
}

/** Who governs the chain, and what work earns on it. */
function governanceOf({ ledger }: State): Governance {
  const { tip } = ledger.chain
  if (tip === undefined) throw new Error('a chain begins with its genesis')
  return tip.governance
}

function fits(group: readonly Change[]): boolean {
  let bytes = entryHeadBytes
  for (const change of group) {
    const { body, signatures } = change.type === 'roster' ? change.roster : change.rates
    bytes += body.length + (signatures.length + 2) * 128
  }
  return bytes <= limits.entryBytesMax && group.length <= limits.entryFactsMax
}

/** The others go on without it: it takes nothing more, and its chain waits to be sealed. */
function leave(turn: Turn, { revision }: Governance): void {
  const { state } = turn
  const wasDraining = state.draining
  if (!wasDraining) drain(turn)
  state.isOut = !wasDraining
  turn.tell({ type: 'left', revision })
}

/** The roster names it again. */
function comeBack(state: State, changes: readonly Change[]): void {
  if (changes.length === 0) return
  state.isOut = false
  state.draining = false
}

/** Whose nodes vouch for others, and what votes have to differ in, may be another now. */
function reconsider(state: State): void {
  for (const node of state.nodes.keys()) state.changed.add(node)
  for (const node of state.bonds.keys()) state.changed.add(node)
  for (const job of state.jobs.values()) {
    for (const unit of job.units.values()) if (unit.stage === 'open') state.toRule.add(unit)
  }
}
