import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The command itself, as a person would type it. */
export const command = fileURLToPath(new URL('../main.js', import.meta.url))

/** What a process says of itself, a line for each. */
export type Said = Readonly<Record<string, unknown>>

/** How long a process may take to end before it is killed. */
const endMs = 10_000
/** Lines of what a process complained of that are kept, to be shown if it ends. */
const complaintsMax = 20

/** A process of the demo: it says facts, and ends when it is told to. */
export class Process implements AsyncDisposable {
  readonly name: string
  readonly #child: ChildProcess
  readonly #exit: Promise<number | null>
  readonly #first = Promise.withResolvers<Said>()
  readonly #complaints: string[] = []
  #isEnding = false

  constructor(
    name: string,
    args: readonly string[],
    { log, isFirst }: { readonly log: string; isFirst(said: Said): boolean },
  ) {
    this.name = name
    const logged = createWriteStream(log)
    this.#child = spawn(process.execPath, [...args], {
      // Of its own group: Ctrl-C goes to the demo alone, which ends all in their order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#exit = new Promise((resolve) => this.#child.once('exit', resolve))
    const { stdout, stderr } = this.#child
    if (stdout === null || stderr === null) throw new Error('the streams of a child are piped')
    createInterface({ input: stdout }).on('line', (line) => {
      logged.write(`${line}\n`)
      const said: Said = JSON.parse(line)
      if (isFirst(said)) this.#first.resolve(said)
    })
    createInterface({ input: stderr }).on('line', (line) => {
      logged.write(`${line}\n`)
      this.#complaints.push(line)
      if (this.#complaints.length > complaintsMax) this.#complaints.shift()
    })
    void this.#exit.then((code) => {
      logged.end()
      const why = [`${name} has ended with ${code}`, ...this.#complaints].join('\n')
      if (!this.#isEnding) this.#first.reject(new Error(why))
    })
  }

  /** Its number. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /** What it says when it is up. */
  get up(): Promise<Said> {
    return this.#first.promise
  }

  /** Tells it to end, waits, and kills it if it does not. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true
    this.#child.kill('SIGTERM')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), endMs)
    await this.#exit
    clearTimeout(timer)
  }
}

/** Runs something to its end: what it printed, and with what it exited. */
export async function ran(
  args: readonly string[],
): Promise<{ readonly exit: number | null; readonly lines: readonly string[] }> {
  const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: string[] = []
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => lines.push(line))
  }
  const exit = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { exit, lines }
}
