import { Writable } from 'node:stream'
import { Interruption, ledgerCommand } from '../command/index.ts'

/** What came of a command. */
export interface Ended {
  readonly exit: number
  readonly out: string
  readonly err: string
  /** What was written to stdout, where it is no text. */
  readonly bytes: Buffer
}

/** How a command is typed. */
export interface Typing {
  readonly isTerminal?: boolean
  readonly hasColor?: boolean
  readonly signal?: AbortSignal
}

/** Runs a command in this process, as its shell would. */
export async function typing(args: readonly string[], typed: Typing = {}): Promise<Ended> {
  const [stdout, stderr] = [new Capture(), new Capture()]
  const { isTerminal = false, hasColor = false, signal = new AbortController().signal } = typed
  const shell = { stdout, stderr, isTerminal, hasColor, signal, name: 'nexapod ledger' }
  const exit = await ledgerCommand(args, shell)
  return { exit, out: `${stdout.bytes}`, err: `${stderr.bytes}`, bytes: stdout.bytes }
}

/** Types a line, whose words have spaces between them. */
export async function type(line: string, typed?: Typing): Promise<Ended> {
  return await typing(line.split(' '), typed)
}

/** The command that is said to be typed next, as words, with a path where it has a placeholder. */
export function nextOf({ out, err }: Ended, path = 'SOURCE'): string[] {
  const [, line = ''] = /^ *next +nexapod ledger (.*)$/m.exec(err === '' ? out : err) ?? []
  return line.split(' ').map((word) => (word === 'SOURCE' ? path : word))
}

/** A signal that is aborted as Ctrl-C does it. */
export function ctrlC(): AbortSignal {
  return AbortSignal.abort(new Interruption('Interrupted.', 130))
}

/** Takes what is written, and holds it. */
export class Capture extends Writable {
  readonly #chunks: Buffer[] = []

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.#chunks.push(chunk)
    done()
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }
}
