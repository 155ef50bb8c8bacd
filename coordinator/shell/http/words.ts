import type { Infer } from '@nexapod/specs'
import { type Reader, type Reason, tell } from '../../core/match/reasons.ts'
import type { Stands, Tally } from '../../core/match/tally.ts'
import type { IdleNow, JobWaits } from '../../core/why.ts'
import type { shapes } from './shapes.ts'

type Waits = Infer<typeof shapes.Waits>
type Idle = Infer<typeof shapes.Idle>

/** Why a job waits, in codes and in words. */
export function waitsOf(why: JobWaits): Waits {
  switch (why.type) {
    case 'unknown':
      return { ...why, words: 'There is no such job here.' }
    case 'ended':
      return { ...why, words: 'It has ended.' }
    case 'closing':
      return { ...why, words: 'It is about to end, and nothing more of it is leased.' }
    case 'parked':
      return { ...why, words: 'Its budget pays no other unit beside those that are open.' }
    case 'decided':
      return { ...why, words: 'All is decided; it ends when audits are over and all is paid.' }
    case 'waits': {
      const { open, nodes } = why
      return { type: 'waits', ...open, nodes: tallyOf(nodes, 'job'), words: waiting(why) }
    }
  }
}

/** Why a node is idle, in codes and in words. */
export function idleOf(why: IdleNow): Idle {
  switch (why.type) {
    case 'away':
      return { ...why, words: 'It is not here, or has not said hello.' }
    case 'leaving':
      return { ...why, words: 'It said bye, or the coordinator goes.' }
    case 'full':
      return { ...why, words: 'It holds as many units as it lends itself for.' }
    case 'rests':
      return {
        type: 'rests',
        until: Math.max(0, Math.ceil(why.until)),
        words: tell('rest', 'node'),
      }
    case 'tried':
      return { ...why, words: 'It has to be right about a unit with a known answer first.' }
    case 'waits': {
      const { fit, against } = why.jobs
      const [most] = against
      const none = most === undefined ? 'There is no open job.' : saying(most, 'node')
      const words = fit > 0 ? 'Open jobs fit it, and none of their units is for it now.' : none
      return { type: 'waits', jobs: tallyOf(why.jobs, 'node'), words }
    }
  }
}

function waiting({ open, nodes }: JobWaits & { readonly type: 'waits' }): string {
  if (open.fresh + open.begun === 0) return tell('empty', 'job')
  if (nodes.fit > 0) return `${nodes.fit} nodes fit it, and take its units in turn.`
  const [most] = nodes.against
  return most === undefined ? 'No node is here.' : saying(most, 'job')
}

function tallyOf({ fit, against }: Tally, reader: Reader): Infer<typeof shapes.Tally> {
  const told = against.map((one) => {
    const { reason, count, alone } = one
    return { reason, count, alone, words: saying(one, reader) }
  })
  return { fit, against: told }
}

/** A reason in words, with how much is needed and how much is lent where least is missing. */
function saying({ reason, measure }: Stands, reader: Reader): string {
  const words = tell(reason, reader)
  if (measure === undefined) return words
  const needed = amountOf(reason, measure.needed, Math.ceil)
  const lent = amountOf(reason, measure.lent, Math.floor)
  return `${words.slice(0, -1)}: ${needed} needed, ${lent} lent.`
}

/** An amount for people; what is needed rounded up, and what is lent down, so that they differ. */
function amountOf(reason: Reason, amount: number, round: (amount: number) => number): string {
  if (reason === 'window') return `${round(amount / 100) / 10} s`
  if (reason !== 'memory' && reason !== 'disk') return `${amount}`
  return amount < 1e9 ? `${round(amount / 1e6)} MB` : `${round(amount / 1e7) / 100} GB`
}
