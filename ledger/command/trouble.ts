import type { Refusal } from '@nexapod/specs'
import { rows } from './figures.ts'
import { printJson, type Shell } from './shell.ts'

/** What a process ends with. */
export const exits = { ok: 0, error: 1, usage: 2, missing: 3, interrupted: 130 } as const

/** Where bytes of a file are wrong. */
export interface BadPlace {
  readonly file: string
  readonly from: number
  /** The byte behind them: the same as `from` if bytes are gone. */
  readonly to: number
  readonly found: string
}

/** Why a command did not do what was asked: what happened, why, and what to do next. */
export interface Trouble {
  readonly exit: (typeof exits)['error' | 'usage' | 'missing']
  readonly what: string
  readonly why: string
  /** Where on the disk it is, as far as that is known; a sentence says why no place is. */
  readonly where?: BadPlace | string
  /** What to type, or to do, line by line. */
  readonly next: readonly string[]
  /** What said so, for programs. */
  readonly refusal?: Refusal
  /** What was found or made all the same, as JSON for who asked for that. */
  readonly found?: object
}

/** Says what is wrong to a person, and to a program that asked for JSON. */
export async function report(shell: Shell, trouble: Trouble, json: boolean): Promise<void> {
  const { exit, what, why, where, next, refusal, found } = trouble
  const [first = '', ...others] = next
  const lines: [string, string][] = [['why', why]]
  if (where !== undefined) lines.push(['where', typeof where === 'string' ? where : place(where)])
  lines.push(['next', first], ...others.map((line): [string, string] => ['', line]))
  const error = shell.hasColor ? '\x1b[1;31merror\x1b[0m' : 'error'
  shell.stderr.write(`${error}: ${what}\n${rows(lines, '  ')}`)
  if (!json) return
  const { code, at } = refusal ?? {}
  await printJson(shell, { ...found, failed: { exit, what, why, code, at, where, next } })
}

function place({ file, from, to, found }: BadPlace): string {
  const range = to > from ? `bytes ${from} to ${to - 1}` : `from byte ${from} on`
  return `${file}, ${range}: ${found}`
}
