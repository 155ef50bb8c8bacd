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
const desk: Desk = {
  stdout: process.stdout,
  stderr: process.stderr,
  isTerminal,
  hasColor: isTerminal && !noColor,
  signal: ending.signal,
}
const exit = await runCommand(process.argv.slice(2), desk)
// What became a node or a coordinator may have said so itself.
if (exit !== 0) process.exitCode = exit
