import { type ChildProcess, fork } from 'node:child_process'
import { dirname, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('./child.ts', import.meta.url))

/** The sources that a child may read: this room, and the contract. */
const readable = [
  fileURLToPath(new URL('../../..', import.meta.url)),
  `${dirname(fileURLToPath(import.meta.resolve('@nexapod/specs')))}${sep}`,
]

/** What every child runs under; `sandbox.test.ts` tries each. */
export const childFlags: readonly string[] = [
  '--permission',
  ...readable.map((directory) => `--allow-fs-read=${directory}*`),
  '--allow-worker',
  '--no-addons',
  '--disallow-code-generation-from-strings',
  '--disable-proto=throw',
  '--max-old-space-size=128',
  // That workers may be made is said to weaken the flags before it. They inherit them.
  '--no-warnings',
]

/** Starts a child: without environment, out of the terminal's reach, and heard by its channel. */
export function startChild(flags: readonly string[] = childFlags, path = program): ChildProcess {
  return fork(path, [], {
    execArgv: [...flags],
    env: {},
    detached: true,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
}
