import { type ChildProcess, fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
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

/**
 * Starts a child: without environment, out of the terminal's reach, behind all others that want a
 * processor, and heard by its channel.
 */
export function startChild(flags: readonly string[] = childFlags, path = program): ChildProcess {
  const child = fork(path, [], {
    execArgv: [...flags],
    env: {},
    detached: true,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  if (child.pid !== undefined) standBehind(child.pid)
  return child
}

/** Gives a process the lowest priority, which every process may give its own. */
function standBehind(pid: number): void {
  const { PRIORITY_LOW } = constants.priority
  try {
    setPriority(pid, PRIORITY_LOW)
    // A session of its own is weighed as one against those of the owner, whatever is in it.
    if (process.platform === 'linux') writeFileSync(`/proc/${pid}/autogroup`, `${PRIORITY_LOW}`)
  } catch (cause) {
    // It has ended already, or the kernel knows no such groups, or takes no more words on them now.
    const { code = '' } = cause as NodeJS.ErrnoException
    if (!['ERR_SYSTEM_ERROR', 'ENOENT', 'ESRCH', 'EAGAIN', 'EACCES', 'EROFS', 'EIO'].includes(code))
      throw cause
  }
}
