import { noColor } from './config.ts'
import { Interruption, ledgerCommand } from './index.ts'

const ending = new AbortController()
// Ctrl-C may come twice, from the terminal and from pnpm: the second must not end the tidying up.
process.on('SIGINT', () => ending.abort(new Interruption('Interrupted.', 130)))
process.on('SIGTERM', () => ending.abort(new Interruption('Ended.', 143)))
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever read it has seen enough, as `head` has: the exit code says so to those who ask.
  const isEnough = error.code === 'EPIPE'
  ending.abort(isEnough ? new Interruption('', 141) : new Interruption(error.message, 1))
})

const isTerminal = process.stderr.isTTY === true
process.exitCode = await ledgerCommand(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  isTerminal,
  hasColor: isTerminal && !noColor,
  signal: ending.signal,
  name: 'pnpm ledger',
})
