import { limits } from '@nexapod/specs'
import type { Live, NodeBook } from './book.ts'
import { closeJob } from './closing.ts'
import { noteBegun, park } from './jobs.ts'
import { isResting } from './lapses.ts'
import { give, type Given as Lease } from './leases.ts'
import { type Reason, tell } from './match/reasons.ts'
import { meter } from './meter.ts'
import { probeFor } from './probes.ts'
import { canPay } from './reserve.ts'
import type { Turn } from './turn.ts'
import { freeSlot, isDecided, unitAt } from './units.ts'

/** When a node that was told that there is nothing offers again, at the earliest. */
const retryMs = 5_000
/** Waiting nodes that are looked at in one step: those left over ask again by themselves. */
const servedMax = 8

/** Gives units to whoever asks, and to some of those who wait if something came up. */
export function serve(turn: Turn): void {
  const { state } = turn
  if (state.draining) return
  for (const node of state.asking) {
    state.asking.delete(node)
    const reasons = fill(turn, node)
    if (reasons === undefined) continue
    state.waiting.add(node)
    // Not all was looked at: the next step goes on for it, though nothing comes up.
    if (reasons.has('turn')) state.fresh = true
    turn.say(node, { type: 'idle', reasons: inWords(reasons), retryMs: soon(turn) })
  }
  if (!state.fresh) return
  state.fresh = false
  let served: NodeBook[] = []
  for (const node of state.waiting) {
    if (served.push(node) === servedMax) break
  }
  // In turns, or the first would have all of a small job.
  while (served.length > 0) {
    served = served.filter((node) => {
      const answer = giveOne(turn, node)
      if (answer === 'given') return true
      // To the end of the line, unless its offer is used up.
      state.waiting.delete(node)
      if (answer === 'full' || answer.has('turn')) state.fresh = true
      if (answer !== 'full') state.waiting.add(node)
      return false
    })
  }
}

/** Gives a node as many units as it takes; why there are no more, if it would take more. */
function fill(turn: Turn, node: NodeBook): ReadonlyMap<Reason, number> | undefined {
  for (;;) {
    const answer = giveOne(turn, node)
    if (answer === 'full') return undefined
    if (answer !== 'given') return answer
  }
}

/** Gives a node one unit, if it takes one and there is one for it. */
function giveOne(turn: Turn, node: NodeBook): 'given' | 'full' | ReadonlyMap<Reason, number> {
  const { state } = turn
  while (node.left > 0 && node.asker !== undefined) {
    if (node.leases.size >= limits.leasesPerNodeMax) return 'full'
    if (isResting(turn, node.id)) return new Map([['rest', 1]])
    const probe = probeFor(state, node)
    if (probe === 'waits') return new Map()
    if (probe !== undefined) {
      lend(turn, node, probe)
      return 'given'
    }
    const { mark } = node
    const asker = mark === undefined ? node.asker : { ...node.asker, mark }
    const answer = state.queue.ask(asker, turn.at, state.draws.next)
    node.mark = answer.mark
    if (answer.type === 'nothing') return answer.reasons
    const book = state.jobs.get(answer.job)
    if (book === undefined) throw new Error(`the queue knows a job that is none: ${answer.job}`)
    // A queue that a job came into again has forgotten which units beyond its cursor are done.
    if (isDecided(state, book, answer.unit)) continue
    noteBegun(book, answer.unit)
    const unit = unitAt(book, answer.unit)
    if (!canPay(state, unit)) {
      park(turn, unit)
      continue
    }
    state.toRule.add(unit)
    const slot = freeSlot(state, unit)
    if (slot === undefined) continue
    const live = lend(turn, node, { unit, slot, referee: answer.wanted.referee })
    if (!meter(turn, live)) closeJob(turn, book, 'starved')
    return 'given'
  }
  return 'full'
}

function lend(turn: Turn, node: NodeBook, chosen: Omit<Lease, 'fence'>): Live {
  node.left--
  return give(turn, node, { ...chosen, fence: turn.fence() })
}

/** Not all at the same moment. */
function soon({ state }: Turn): number {
  return retryMs + state.draws.below(retryMs)
}

function inWords(reasons: ReadonlyMap<Reason, number>) {
  const all = [...reasons].sort(([, a], [, b]) => b - a).slice(0, 16)
  if (all.length === 0) all.push(['empty', 1])
  return all.map(([code]) => ({ code, detail: tell(code, 'node') }))
}
