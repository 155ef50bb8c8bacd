import { once } from 'node:events'
import type { Writable } from 'node:stream'

/** Where a command is typed: what it writes to, and what ends it. */
export interface Shell {
  /** Takes what was asked for, and nothing else. */
  readonly stdout: Writable & { readonly isTTY?: boolean }
  /** Takes how far it is, and what went wrong. */
  readonly stderr: Writable
  /** Whether a person watches stderr: then progress is a bar that is drawn again and again. */
  readonly isTerminal: boolean
  /** Whether that person wants colours. */
  readonly hasColor: boolean
  /** Ends what runs; its reason is best an `Interruption`. */
  readonly signal: AbortSignal
  /** What is typed before the name of a command, for all that is to be typed next. */
  readonly name: string
}

/** Why a command was ended from outside, and what its process ends with then. */
export class Interruption extends Error {
  readonly exit: number

  constructor(said: string, exit: number) {
    super(said)
    this.exit = exit
  }
}

/** Writes data, as fast as it is taken. */
export async function print({ stdout, signal }: Shell, data: string | Uint8Array): Promise<void> {
  signal.throwIfAborted()
  if (!stdout.write(data)) await once(stdout, 'drain', { signal })
}

/** Writes a value as JSON: on several lines if people may read it, on one if many follow. */
export async function printJson(shell: Shell, value: unknown, indent = 2): Promise<void> {
  await print(shell, `${JSON.stringify(value, undefined, indent)}\n`)
}

/** A word as a POSIX shell reads it: quoted if it has to be. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** A command that can be typed as it stands. */
export function typed({ name }: Shell, ...words: readonly string[]): string {
  return [name, ...words.map(quoted)].join(' ')
}
