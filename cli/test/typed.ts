import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(new URL('../main.js', import.meta.url))

/** What a command exited with, what it wrote, and what it said as JSON if it was asked to. */
export type Typed = Awaited<ReturnType<typeof type>>

/** Types a command in a home of its own, with more in its environment. */
export async function type(
  home: string,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
  /** Presses Ctrl-C once it has said this. */
  until?: RegExp,
) {
  const env = { NEXAPOD_HOME: home, ...more }
  const child = spawn(process.execPath, [command, ...args], {
    ...{ env, cwd: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (bytes: Buffer) => {
    out += bytes
  })
  child.stderr.on('data', (bytes: Buffer) => {
    err += bytes
    if (until?.test(err)) child.kill('SIGINT')
  })
  const exit = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { exit, out, err, said: args.includes('--json') ? JSON.parse(out) : undefined }
}
