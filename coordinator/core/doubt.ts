import type { NodeId } from '@nexapod/specs'
import type { JobBook, Unit } from './book.ts'
import type { State } from './state.ts'
import type { Turn } from './turn.ts'

/** A node was wrong in an audited unit: what it helped to win is decided again without it. */
export function doubtNode(state: State, node: NodeId): void {
  for (const unit of state.voted.get(node) ?? []) {
    doubt(state, unit, (ballot) => ballot.node === node)
  }
}

/** A job goes on without a platform, and what was decided by it is decided again. */
export function doubtPlatform({ state, at }: Turn, job: JobBook, platform: string): void {
  state.queue.exclude(job.id, platform, at)
  for (const unit of job.units.values()) {
    doubt(state, unit, (ballot) => ballot.platform === platform)
  }
}

function doubt(
  { toRule }: State,
  unit: Unit,
  whose: (ballot: Unit['ballots'][number]) => boolean,
): void {
  for (const ballot of unit.ballots) {
    if (ballot.isVoid || !whose(ballot)) continue
    ballot.isVoid = true
    // What was accepted against a vote is accepted all the more without it.
    if (unit.stage === 'open' || ballot.says === unit.says) toRule.add(unit)
  }
}
