import {
  type Answer,
  type AnswerMessage,
  type CoordinatorId,
  checkpointDocument,
  limits,
  open,
  type Seal,
  sealDocument,
} from '@nexapod/specs'
import { isSameCut } from '../../core/sealing.ts'
import type { Others } from '../others/others.ts'
import { cutOf, type Memory } from './memory.ts'
import { isSealOf, type Known } from './voter.ts'

/** Within what a member says what it knows. */
export const withinMs = limits.silentMs / 4

/** Who asks, and whom. */
export interface BegunGround {
  readonly own: CoordinatorId
  readonly others: Pick<Others, 'askAside'>
  readonly memory: Pick<Memory, 'seen' | 'vow'>
}

/**
 * Whether the epoch behind a seal has begun: yes if anybody but its successor shows some of it; no
 * if so many say that they have seen nothing that one of them was of each quorum which can have
 * cosigned it. Else it is not known: the successor may have begun it and have forgotten that.
 */
export async function hasBegun(
  { own, others, memory }: BegunGround,
  { governance }: Pick<Known, 'governance'>,
  seal: Pick<Seal, 'chain' | 'epoch' | 'successor'>,
  gone: AbortSignal,
): Promise<boolean | undefined> {
  const { chain, successor } = seal
  const next = seal.epoch + 1
  const hasSome = async (member: CoordinatorId): Promise<boolean | undefined> => {
    if (member === own) {
      const seen = await memory.seen(chain)
      // Who keeps a seal notes with it that nothing was seen of the next epoch.
      const { epoch: of = 0, size = 0 } = (seen.ok ? seen.value : undefined) ?? {}
      return seen.ok ? of > next || (of === next && size > 0) : undefined
    }
    const question = { type: 'sealed' as const, chain, epoch: next }
    const answer = await others.askAside(member, question, { signal: gone, withinMs })
    return isShown(answer, governance, { chain, epoch: next, writer: successor })
  }
  const members = governance.members.map(({ coordinator }) => coordinator)
  const said = await Promise.all(
    members.filter((member) => member !== successor).map((member) => hasSome(member)),
  )
  if (said.includes(true)) return true
  const none = said.filter((one) => one === false).length
  return none > members.length - governance.quorum ? false : undefined
}

/**
 * Whether an answer shows that an epoch has begun: its writer has signed a checkpoint of it, or a
 * quorum its end. What is said and not shown is no reason to wait for it: who says so may lie.
 */
function isShown(
  answer: Answer<AnswerMessage>,
  governance: Known['governance'],
  { chain, epoch, writer }: Pick<Seal, 'chain' | 'epoch'> & Pick<Known, 'writer'>,
): boolean | undefined {
  if (!answer.ok) return undefined
  if (answer.value.type === 'sealed') {
    const seal = open(sealDocument, answer.value.seal)
    const isOfIt = seal.ok && seal.value.chain === chain && seal.value.epoch === epoch
    return isOfIt && isSealOf(seal.value, governance) ? true : undefined
  }
  if (answer.value.type !== 'promised') return undefined
  const { pledge, stand, cosigned } = answer.value
  const says = stand && open(checkpointDocument, stand.checkpoint)
  const isOfIt = says?.ok === true && says.value.chain === chain && says.value.epoch === epoch
  if (isOfIt && says.value.coordinator === writer) return true
  return pledge || stand || cosigned ? undefined : false
}

/**
 * Whether a seal was signed here, and that is not forgotten: then nothing behind it is, either. Who
 * begins the epoch behind it keeps that in its place.
 */
export async function isRemembered(memory: Pick<Memory, 'vow'>, seal: Seal): Promise<boolean> {
  const vow = await memory.vow(seal.chain, seal.epoch)
  const signed = vow.ok ? vow.value?.signed : undefined
  return signed !== undefined && isSameCut(signed, cutOf(seal))
}
