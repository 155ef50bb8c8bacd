import { type Answer, type AnswerMessage, accept, type Question, refuse } from '@nexapod/specs'
import type { JobWaits, UnitWaits } from '../core/why.ts'
import { waitsOf } from './http/words.ts'
import type { Time } from './time.ts'
import type { View } from './view.ts'

/** Why a job waits, or a unit of it, as it is answered over the mesh. */
export async function whyWaits(
  { job, unit }: Question & { readonly type: 'why' },
  view: Pick<View, 'job' | 'unit'>,
  time: Time,
): Promise<Answer<AnswerMessage>> {
  const found = await view.job(job)
  if (!found.ok) return found
  if (found.value === undefined) return refuse('job.unknown', { at: 'job' })
  if (unit === undefined) return accept(told(found.value.waits))
  const known = await view.unit(job, unit, time.wall())
  if (!known.ok) return known
  if (known.value !== undefined) return accept(told(known.value.waits, { unit, ...known.value }))
  const detail = `a number below ${found.value.units}`
  return refuse('document.rule', { at: 'unit', detail })
}

function told(
  waits: JobWaits,
  of?: Omit<UnitWaits, 'waits'> & { readonly unit: number },
): AnswerMessage {
  const { words, ...why } = waitsOf(waits)
  const unit = of && { unit: of.unit, stage: of.stage, leased: of.leased, results: of.results }
  const about = { words, ...(unit === undefined ? {} : { unit }) }
  if (why.type !== 'waits') return { type: 'why', code: why.type, ...about, against: [] }
  const { fresh, begun, nodes } = why
  const against = nodes.against.map(({ reason, ...one }) => ({ code: reason, ...one }))
  return { type: 'why', code: 'waits', ...about, fresh, begun, fit: nodes.fit, against }
}
