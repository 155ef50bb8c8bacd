import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What a kernel said, the fuel that it used, and the microseconds of CPU time that it took. */
export interface Ran {
  readonly text: string
  readonly fuel: number
  readonly us: number
}

/** Runs the module of a kernel in a process of its own. */
export function runModule(path: string, flags: readonly string[]): Ran {
  const child = fileURLToPath(new URL('./child.ts', import.meta.url))
  return JSON.parse(output(process.execPath, [...flags, child, path]).stdout)
}

/** Runs the program of a kernel for this machine. */
export function runNative(path: string): Omit<Ran, 'fuel'> {
  const { stdout, stderr } = output(path, [])
  return { text: stdout, us: Number(stderr) }
}

function output(command: string, flags: readonly string[]): { stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(command, flags, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command}: ${stderr}`)
  return { stdout, stderr }
}
