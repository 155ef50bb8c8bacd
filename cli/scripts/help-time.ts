import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(new URL('../main.js', import.meta.url))
const runs = 21

/** The median of some runs, in milliseconds. */
function medianOf(args: readonly string[]): number {
  const times = Array.from({ length: runs }, () => {
    const from = performance.now()
    spawnSync(process.execPath, args)
    return performance.now() - from
  })
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? Number.NaN
}

const bare = medianOf(['-e', '0'])
const help = medianOf([command, '--help'])
const times = (help / bare).toFixed(1)
const figures = `nexapod --help ${help.toFixed(0)} ms, node alone ${bare.toFixed(0)} ms`
console.log(`${figures}: ${times} times`)
if (help > 100) process.exitCode = 1
