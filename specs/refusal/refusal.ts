import { limits } from '../limits.ts'
import { choice, int } from '../schema/scalar.ts'
import type { Infer } from '../schema/schema.ts'
import { optional, struct } from '../schema/struct.ts'
import { text, utf8Length } from '../schema/text.ts'
import { type Blame, type Code, refusals } from './refusals.ts'

const codes = Object.keys(refusals) as Code[]

/** An expected no, as it is sent: which, where, what was expected, and when to come back. */
export const refusalSchema = struct({
  code: choice(codes, { about: 'Which refusal: a row of the table of refusals.' }),
  at: optional(text({ kind: 'line', max: limits.refusalAtBytesMax, about: 'The place.' })),
  detail: optional(
    text({ kind: 'line', max: limits.refusalDetailBytesMax, about: 'What was expected there.' }),
  ),
  retryMs: optional(
    int({ min: 0, max: limits.retryMsMax, about: 'When to try again, in milliseconds from now.' }),
  ),
})

/** An expected no. */
export type Refusal = Infer<typeof refusalSchema>

/** A value, or the reason why there is none. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal; readonly others?: readonly Refusal[] }

/** The yes. */
export function accept<T>(value: T): Answer<T> {
  return { ok: true, value }
}

/** The no. What is said of the input is cut and cleaned so that it always fits on the wire. */
export function refuse(
  code: Code,
  where: { at?: string; detail?: string; retryMs?: number } = {},
): Answer<never> & { ok: false } {
  return { ok: false, refusal: refusalOf(code, where) }
}

/** A refusal whose texts fit on the wire. */
export function refusalOf(
  code: Code,
  where: { at?: string; detail?: string; retryMs?: number } = {},
): Refusal {
  const { at, detail, retryMs } = where
  return {
    code,
    ...(at ? { at: fitted(at, limits.refusalAtBytesMax) } : {}),
    ...(detail ? { detail: fitted(detail, limits.refusalDetailBytesMax) } : {}),
    ...(retryMs === undefined ? {} : { retryMs: within(retryMs) }),
  }
}

/** Whose fault a refusal is. */
export function blame(refusal: Refusal): Blame {
  return refusals[refusal.code].fault
}

/** The refusal in words: what, where, what was expected, what to do. */
export function explain(refusal: Refusal): string {
  return `${reasonOf(refusal)} ${remedyOf(refusal)}`
}

/** What was refused, where, and what was expected there. */
export function reasonOf(refusal: Refusal): string {
  const { what } = refusals[refusal.code]
  const at = refusal.at === undefined ? '' : ` At ${refusal.at}`
  const detail =
    refusal.detail === undefined ? '' : `${at === '' ? ' Here' : ''}: ${refusal.detail}`
  const place = at === '' && detail === '' ? '' : `${at}${detail}.`
  return `${what}${place}`
}

/** What to do about a refusal, and when. */
export function remedyOf({ code, retryMs }: Refusal): string {
  const wait = retryMs === undefined ? '' : ` Try again in ${retryMs} ms.`
  return `${refusals[code].todo}${wait}`
}

function within(retryMs: number): number {
  return Math.min(Math.max(Math.ceil(retryMs), 0), limits.retryMsMax)
}

function fitted(said: string, bytesMax: number): string {
  const fits = said.length <= bytesMax && utf8Length(said) <= bytesMax
  // Three bytes are the most that one UTF-16 unit takes, so that a third of the units always fits.
  const short = fits ? said : said.slice(0, Math.floor(bytesMax / 3))
  return short.toWellFormed().replaceAll(unseen, '?')
}

const unseen = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]/gu
