import { waited } from '@nexapod/mesh'
import { type ChainId, limits, type Seal } from '@nexapod/specs'
import type { Time } from '../time.ts'
import { type BegunGround, hasBegun, withinMs } from './begun.ts'
import type { Known } from './voter.ts'

/** What is needed to remind a successor. */
export interface RemindingGround extends BegunGround {
  readonly time: Pick<Time, 'now' | 'after'>
  known(chain: ChainId): Known | undefined
}

/**
 * Tells the successor that a seal names of its chain, if it has not gone on with it after a while:
 * it may have lost its disk before it knew of the seal. Whoever is asked to promise something of a
 * chain that it does not know follows it from then on, and comes upon the seal by proposing one.
 */
export async function remind(
  ground: RemindingGround,
  seal: Seal,
  gone: AbortSignal,
): Promise<void> {
  const { own, others, time, known } = ground
  const { chain, epoch, successor } = seal
  if (!(await waited(time, limits.silentMs, gone))) return
  const here = known(chain)
  if (here?.epoch !== epoch || successor === own) return
  if ((await hasBegun(ground, here, seal, gone)) !== false) return
  const asked = { signal: gone, withinMs }
  await others.askAside(successor, { type: 'promise', chain, epoch, ballot: 1 }, asked)
}
