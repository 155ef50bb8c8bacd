import { noColor } from './config.ts'
import type { Desk } from './desk.ts'
import { runCommand } from './run-command.ts'

const ending = new AbortController()
// Ctrl-C may come twice, from the terminal and from pnpm: the second must not end the tidying up.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => ending.abort(new DOMException('Interrupted.', 'AbortError')))
}
process.stdout.on('error', (error: NodeJS.ErrnoException) => ending.abort(error))

const isTerminal = process.stderr.isTTY === true
const canAsk = isTerminal && process.stdin.isTTY === true
const desk: Desk = {
  stdout: process.stdout,
  stderr: process.stderr,
  isTerminal,
  hasColor: isTerminal && !noColor,
  signal: ending.signal,
  ...(canAsk ? { ask } : {}),
}

/** The line that a person types; nothing if the terminal is closed instead. */
async function ask(question: string): Promise<string> {
  const { createInterface } = await import('node:readline')
  process.stderr.write(question)
  // The terminal edits the line, and says Ctrl-C to the process.
  const lines = createInterface({ input: process.stdin, terminal: false })
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const stop = () => reject(ending.signal.reason)
  ending.signal.addEventListener('abort', stop, { once: true })
  lines.once('line', resolve).once('close', () => resolve(''))
  try {
    return await promise
  } finally {
    ending.signal.removeEventListener('abort', stop)
    lines.close()
  }
}

const exit = await runCommand(process.argv.slice(2), desk)
// What became a node or a coordinator may have said so itself.
if (exit !== 0) process.exitCode = exit
