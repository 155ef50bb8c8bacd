import { type Answer, type Refusal, refusalOf, refusals } from '@nexapod/specs'
import type { Problem } from '../api/ask.ts'
import type { Fault } from './told.ts'

/** A refusal in the words of the one table. */
export function faultOf(refusal: Refusal): Fault {
  const { what, todo } = refusals[refusal.code]
  const { code, at, detail } = refusal
  return {
    ...{ code, what, todo },
    ...(at === undefined ? {} : { at }),
    ...(detail === undefined ? {} : { detail }),
  }
}

/** All that is wrong with an answer that is none. */
export function faultsOf(answer: Answer<unknown>): readonly Fault[] {
  return answer.ok ? [] : [answer.refusal, ...(answer.others ?? [])].map(faultOf)
}

/** A no, with one reason. */
export function no(code: Refusal['code'], where: Parameters<typeof refusalOf>[1] = {}) {
  return { ok: false, faults: [faultOf(refusalOf(code, where))] } as const
}

/** A problem that the coordinator told, as a fault. */
export function faultTold({ code, title, todo, at, expected }: Problem): Fault {
  return {
    ...{ code, what: title, todo },
    ...(at === undefined ? {} : { at }),
    ...(expected === undefined ? {} : { detail: expected }),
  }
}
