import { execFile } from 'node:child_process'
import { limits } from '@nexapod/specs'
import { commandEnvironment } from './config.ts'

/** What a command of the system says; undefined where there is none, or where it fails. */
export function saidBy(command: string, ...args: readonly string[]): Promise<string | undefined> {
  const options = {
    env: commandEnvironment(),
    timeout: limits.senseMs,
    killSignal: 'SIGKILL',
    maxBuffer: limits.senseBytesMax,
    windowsHide: true,
  } as const
  return new Promise((resolve) => {
    execFile(command, args, options, (error, stdout) => resolve(error ? undefined : stdout))
  })
}
