import { readdirSync, writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'

const lowest = constants.priority.PRIORITY_LOW

/**
 * Puts a process behind all others that want a processor, which needs no rights. Linux gives each
 * thread a priority of its own; and it weighs a session as one against those of the owner, whatever
 * is in it, so that the group of the session has to stand behind as well.
 */
export function standBehind(pid: number): void {
  try {
    if (process.platform !== 'linux') {
      setPriority(pid, lowest)
      return
    }
    for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), lowest)
    writeFileSync(`/proc/${pid}/autogroup`, `${lowest}`)
  } catch (cause) {
    // It has ended, or the kernel has no such groups: no reason to lend nothing.
    if (!(cause instanceof Error && 'code' in cause)) throw cause
  }
}
