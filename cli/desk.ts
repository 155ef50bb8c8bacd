import { once } from 'node:events'
import type { Writable } from 'node:stream'

/** How data is written: for people, or for programs. */
export type Form = 'table' | 'json' | 'yaml'

/** Where a command is typed: data goes to stdout, everything else to stderr. */
export interface Desk {
  readonly stdout: Writable
  readonly stderr: Writable & { readonly columns?: number }
  /** Whether a person watches stderr: then progress is one line that is written again and again. */
  readonly isTerminal: boolean
  readonly hasColor: boolean
  /** Asks a person, and gives the line that is typed; left out where nobody sits. */
  readonly ask?: (question: string) => Promise<string>
  /** Ends what waits: Ctrl-C. */
  readonly signal: AbortSignal
}

/** Writes data: as lines for people, as a document for programs. */
export async function print(
  desk: Desk,
  form: Form,
  value: unknown,
  lines: readonly string[],
): Promise<void> {
  if (form === 'table') await write(desk.stdout, lines.map((line) => `${line}\n`).join(''))
  else if (form === 'json') await write(desk.stdout, `${JSON.stringify(value, null, 2)}\n`)
  else {
    const { stringify } = await import('yaml')
    await write(desk.stdout, stringify(value))
  }
}

/** Writes bytes as fast as they are taken. */
export async function write(to: Writable, data: string | Uint8Array): Promise<void> {
  if (!to.write(data)) await once(to, 'drain')
}

/** Rows as columns, each as wide as its widest word; what ends a row may be as long as it is. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [i, word] of row.slice(0, -1).entries()) {
      widths[i] = Math.max(widths[i] ?? 0, word.length)
    }
  }
  return rows.map((row) => {
    return row
      .map((word, i) => word.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd()
  })
}

/** Text in a colour, where there are colours. */
export function painted(desk: Desk, color: keyof typeof colors, text: string): string {
  return desk.hasColor ? `\x1b[${colors[color]}m${text}\x1b[0m` : text
}

const colors = { bold: 1, dim: 2, red: 31, green: 32 } as const

/** Progress on stderr: a bar on a terminal, a line for each step elsewhere. */
export class Bar {
  readonly #desk: Desk
  readonly #what: string
  #last = ''

  constructor(desk: Desk, what: string) {
    this.#desk = desk
    this.#what = what
  }

  /** So much of it is done. */
  at(done: number, all: number, more = ''): void {
    const line = `${this.#what} ${bar(done, all)} ${done}/${all}${more}`
    if (line === this.#last) return
    this.#last = line
    const { isTerminal, stderr } = this.#desk
    if (isTerminal) stderr.write(`\r\x1b[2K${line.slice(0, (stderr.columns ?? 80) - 1)}`)
    else stderr.write(`${this.#what} ${done}/${all}${more}\n`)
  }

  /** There is no more to be said. */
  end(): void {
    if (this.#desk.isTerminal && this.#last !== '') this.#desk.stderr.write('\n')
  }
}

function bar(done: number, all: number): string {
  const width = 24
  const full = all === 0 ? width : Math.floor((done / all) * width)
  return `${'█'.repeat(full)}${'░'.repeat(width - full)}`
}
