import { waited } from '@nexapod/mesh'
import { type ChainId, type CoordinatorId, limits, type Seal } from '@nexapod/specs'
import type { Others } from '../others/others.ts'
import type { Time } from '../time.ts'
import type { Memory } from './memory.ts'
import type { Known } from './voter.ts'

/** Within what a member says what it knows. */
const withinMs = 2500

/** What is needed to remind a successor. */
export interface RemindingGround {
  readonly own: CoordinatorId
  readonly others: Pick<Others, 'keys' | 'askAside'>
  readonly memory: Pick<Memory, 'seen'>
  readonly time: Pick<Time, 'now' | 'after'>
  known(chain: ChainId): Known | undefined
}

/**
 * Tells the successor that a seal names of its chain, if it has not gone on with it after a while:
 * it may have lost its disk before it knew of the seal. Whoever is asked to promise something of a
 * chain that it does not know follows it from then on, and comes upon the seal by proposing one.
 */
export async function remind(
  { own, others, memory, time, known }: RemindingGround,
  { chain, epoch, successor }: Seal,
  gone: AbortSignal,
): Promise<void> {
  if (!(await waited(time, limits.silentMs, gone))) return
  const here = known(chain)
  if (here?.epoch !== epoch || successor === own) return
  const next = epoch + 1
  const asked = { signal: gone, withinMs }
  const members = here.governance.members.map(({ coordinator }) => coordinator)
  const hasNone = async (member: CoordinatorId): Promise<boolean> => {
    if (member === own) {
      const seen = await memory.seen(chain)
      // Who keeps a seal notes with it that nothing was seen of the next epoch.
      const { epoch: of = 0, size = 0 } = (seen.ok ? seen.value : undefined) ?? {}
      return seen.ok && (of < next || (of === next && size === 0))
    }
    const question = { type: 'sealed' as const, chain, epoch: next }
    const answer = await others.askAside(member, question, asked)
    if (!answer.ok || answer.value.type !== 'promised') return false
    const { pledge, stand, cosigned } = answer.value
    return pledge === undefined && stand === undefined && cosigned === undefined
  }
  const without = await Promise.all(
    members.filter((member) => member !== successor).map((member) => hasNone(member)),
  )
  // If it has gone on and forgot that, one of these was of each quorum that cosigned it.
  const told = without.filter(Boolean).length
  if (told <= members.length - here.governance.quorum) return
  await others.askAside(successor, { type: 'promise', chain, epoch, ballot: 1 }, asked)
}
