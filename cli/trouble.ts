import { explain, type Refusal, reasonOf, refusals, remedyOf } from '@nexapod/specs'

/** What a process ends with. */
export const exits = {
  ok: 0,
  error: 1,
  usage: 2,
  missing: 3,
  denied: 4,
  failed: 5,
  undecided: 6,
  credit: 7,
  time: 124,
  interrupted: 130,
} as const

/** Why a verb did not do what was asked: what happened, why, and what to type next. */
export interface Trouble {
  readonly exit: (typeof exits)[keyof typeof exits]
  readonly what: string
  readonly why: string
  readonly next: string
  /** What said so, for programs. */
  readonly refusal?: Refusal
}

const byStatus: Readonly<Record<number, Trouble['exit']>> = {
  401: exits.denied,
  402: exits.credit,
  403: exits.denied,
  404: exits.missing,
  408: exits.time,
}

/** The trouble that the system refuses a file; none if an error is of another kind. */
export function fileTrouble(error: unknown): Trouble | undefined {
  if (!(error instanceof Error)) return undefined
  const { code = '', path, message } = error as NodeJS.ErrnoException
  if (path === undefined) return undefined
  const exit = byCode[code] ?? exits.error
  const next = 'name another, or see to that one; then type the same again'
  return { exit, what: `${path} cannot be used.`, why: message, next }
}

const byCode: Readonly<Record<string, Trouble['exit']>> = {
  ENOENT: exits.missing,
  EACCES: exits.denied,
  EPERM: exits.denied,
}

/** The trouble that what was typed is no address of an API; none if it is. */
export function noApi(http: unknown, next: string): Trouble | undefined {
  if (typeof http !== 'string' || /^https?:\/\//.test(http)) return undefined
  const why = 'it begins with http:// or https://'
  return { exit: exits.usage, what: `${http} is no address of an API.`, why, next }
}

/** The trouble that a refusal is. */
export function troubleOf(what: string, refusal: Refusal, next?: string): Trouble {
  const { http } = refusals[refusal.code]
  const exit = byStatus[http] ?? exits.error
  // Where nothing better is known to type next, that is what the refusal says to do.
  const said = next === undefined ? reasonOf(refusal) : explain(refusal)
  return { exit, what, why: said, next: next ?? remedyOf(refusal), refusal }
}
