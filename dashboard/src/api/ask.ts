import type { Problem, Said } from './said.ts'
import { isSnapshot, kept } from './snapshot.ts'

export type { Problem, Said } from './said.ts'

const away: Problem = {
  code: 'away',
  title: 'The coordinator does not answer.',
  todo: 'It is asked again by itself.',
  retryMs: 3000,
}

const hourMs = 3_600_000

/** How long an answer may take. */
const patienceMs = 20_000

/** Asks the HTTP API for JSON: `path` is below the folder of the wall, as `api/v1/status`. */
export async function ask<T>(base: string, path: string, signal?: AbortSignal): Promise<Said<T>> {
  if (!isSnapshot(base)) return await said(base, path, {}, patienceMs, signal)
  return await kept<T>(base, path).catch((cause: unknown) => noAnswer(cause))
}

/** Sends something, whose type is that of its blob; `waitMs` is how long that may take. */
export async function send<T>(
  base: string,
  path: string,
  body: Blob,
  signal: AbortSignal,
  waitMs = patienceMs,
): Promise<Said<T>> {
  const headers = { 'content-type': body.type, accept: 'application/json' }
  return await said(base, path, { method: 'POST', body, headers }, waitMs, signal)
}

async function said<T>(
  base: string,
  path: string,
  request: RequestInit,
  waitMs: number,
  signal: AbortSignal | undefined,
): Promise<Said<T>> {
  const late = AbortSignal.timeout(waitMs)
  try {
    const answer = await fetch(new URL(path, base), {
      ...request,
      signal: signal === undefined ? late : AbortSignal.any([signal, late]),
    })
    const told: unknown = await answer.json()
    if (!answer.ok) return { ok: false, problem: problemOf(told) }
    // Every answer is an object: whoever reads of one that is none would break.
    const isObject = typeof told === 'object' && told !== null
    return isObject ? { ok: true, value: told as T } : { ok: false, problem: away }
  } catch (cause) {
    return noAnswer(cause)
  }
}

/** The network, the end of patience, or what is no JSON: none of them is an answer. */
function noAnswer(cause: unknown): Said<never> {
  if (cause instanceof Error) return { ok: false, problem: away }
  throw cause
}

/** What of an answer is a problem; what is none is as good as no answer. */
export function problemOf(said: unknown): Problem {
  if (typeof said !== 'object' || said === null) return away
  const { code, title, todo, at, expected, retryMs } = said as Record<string, unknown>
  return {
    code: textOf(code, 'unknown'),
    title: textOf(title, 'The coordinator says no.'),
    todo: textOf(todo, ''),
    ...(typeof at === 'string' ? { at: textOf(at, '') } : {}),
    ...(typeof expected === 'string' ? { expected: textOf(expected, '') } : {}),
    // A browser takes a wait that is too long for one of none.
    ...(typeof retryMs === 'number' ? { retryMs: Math.min(Math.max(retryMs, 0), hourMs) } : {}),
  }
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value.slice(0, 500) : otherwise
}
