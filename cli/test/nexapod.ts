import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../main.js', import.meta.url))

/** What a command ended with, and what it wrote. */
export interface Ran {
  readonly exit: number | null
  readonly out: string
  readonly err: string
}

/** Runs the command in a home. */
export async function nexapodIn(home: string, ...args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [main, ...args], {
    env: { NEXAPOD_HOME: home },
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (bytes: Buffer) => {
    out += bytes
  })
  child.stderr.on('data', (bytes: Buffer) => {
    err += bytes
  })
  const exit = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { exit, out, err }
}
