import { type CoordinatorId, limits, type Seal } from '@nexapod/specs'
import { isSameCut } from '../../core/sealing.ts'
import type { Others } from '../others/others.ts'
import { cutOf, type Memory } from './memory.ts'
import type { Known } from './voter.ts'

/** Within what a member says what it knows. */
export const withinMs = limits.silentMs / 4

/** Who asks, and whom. */
export interface BegunGround {
  readonly own: CoordinatorId
  readonly others: Pick<Others, 'askAside'>
  readonly memory: Pick<Memory, 'seen' | 'vow'>
}

/**
 * Whether the epoch behind a seal has begun: yes if anybody but its successor has seen some of it;
 * no if so many have not that one of them was of each quorum which can have cosigned it. Else it is
 * not known: the successor may have begun it and have forgotten that.
 */
export async function hasBegun(
  { own, others, memory }: BegunGround,
  { governance }: Pick<Known, 'governance'>,
  { chain, epoch, successor }: Pick<Seal, 'chain' | 'epoch' | 'successor'>,
  gone: AbortSignal,
): Promise<boolean | undefined> {
  const next = epoch + 1
  const hasSome = async (member: CoordinatorId): Promise<boolean | undefined> => {
    if (member === own) {
      const seen = await memory.seen(chain)
      // Who keeps a seal notes with it that nothing was seen of the next epoch.
      const { epoch: of = 0, size = 0 } = (seen.ok ? seen.value : undefined) ?? {}
      return seen.ok ? of > next || (of === next && size > 0) : undefined
    }
    const question = { type: 'sealed' as const, chain, epoch: next }
    const answer = await others.askAside(member, question, { signal: gone, withinMs })
    if (!answer.ok) return answer.refusal.code === 'ledger.sealed' ? true : undefined
    if (answer.value.type !== 'promised') return true
    const { pledge, stand, cosigned } = answer.value
    return pledge !== undefined || stand !== undefined || cosigned !== undefined
  }
  const members = governance.members.map(({ coordinator }) => coordinator)
  const said = await Promise.all(
    members.filter((member) => member !== successor).map((member) => hasSome(member)),
  )
  if (said.includes(true)) return true
  const none = said.filter((one) => one === false).length
  return none > members.length - governance.quorum ? false : undefined
}

/** Whether a seal was signed here, and that is not forgotten: then nothing behind it is, either. */
export async function isRemembered(memory: Pick<Memory, 'vow'>, seal: Seal): Promise<boolean> {
  const vow = await memory.vow(seal.chain, seal.epoch)
  const signed = vow.ok ? vow.value?.signed : undefined
  return signed !== undefined && isSameCut(signed, cutOf(seal))
}
