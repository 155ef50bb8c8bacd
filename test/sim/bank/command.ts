import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { controls } from './controls.ts'
import { run, type Sum } from './run.ts'

const usage = `sim bank [--attempts N] [--seed S] [--threads N] [--controls]

Owners try to spend one balance on several chains of three coordinators that lose each other. Ends
with 1 at an overdraft. --controls breaks the rules against it, one after the other, and ends with 1
if nobody notices. See test/sim/bank/bank.md.`

const options = {
  attempts: { type: 'string', default: '1000000' },
  seed: { type: 'string', default: '1' },
  threads: { type: 'string', default: String(availableParallelism()) },
  controls: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/** Runs the bank as its arguments say. */
export async function bankCommand(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...argv], options })
  if (values.help) {
    console.log(usage)
    return
  }
  const [attempts, seed, threads] = [values.attempts, values.seed, values.threads].map(whole)
  const size = { attempts: attempts ?? 1, seed: seed ?? 1, threads: threads ?? 1 }
  console.log(`seed ${size.seed}`)
  if (values.controls) return await breakAll(size)
  let said = 0
  const sum = await run(size, undefined, ({ attempts: so }) => {
    const tenth = Math.floor((so * 10) / size.attempts)
    if (tenth > said) console.log(`${so} attempts`)
    said = tenth
  })
  for (const line of linesOf(sum)) console.log(line)
  if (sum.failures.length > 0) process.exitCode = 1
}

/** What many worlds came to, as lines. */
function linesOf({ worlds, attempts, seals, reads, answers, failures }: Sum): string[] {
  const rows = [...answers].sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    ...rows.map(([what, count]) => `${String(count).padStart(9)}  ${what}`),
    `${attempts} attempts in ${worlds} worlds, ${seals} seals, added up ${reads} times`,
    `${failures.length} overdrafts`,
    ...failures.map(({ seed, what }) => `seed ${seed}: ${what}`),
  ]
}

async function breakAll(size: { attempts: number; seed: number; threads: number }): Promise<void> {
  for (const control of controls) {
    const { failures, attempts } = await run({ ...size, threads: 1 }, control)
    const [red] = failures
    const [what] = (red?.what ?? 'NOBODY').split('\n')
    console.log(`${control.name.padEnd(14)} ${String(attempts).padStart(8)}  ${what}`)
    if (red === undefined) process.exitCode = 1
  }
}

function whole(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new Error(`${text} is no whole number from 1`)
  return Number(text)
}
