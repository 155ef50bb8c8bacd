import { parseArgs } from 'node:util'
import { mutations } from './mutations.ts'
import { type Red, run } from './run.ts'

const usage = `sim mutate [--only NAME,...] [--seeds N]

Breaks a rule of safety in one place after the other, and runs worlds until one is red. Ends with 1
if a mistake stays unseen in N worlds, or if something is red without any.`

const options = {
  only: { type: 'string' },
  seeds: { type: 'string', default: '300' },
  help: { type: 'boolean', default: false },
} as const

/** Runs the mutations that its arguments name, and prints what became of each. */
export async function mutateCommand(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...argv], options })
  if (values.help) {
    console.log(usage)
    return
  }
  if (!/^[1-9][0-9]{0,5}$/.test(values.seeds)) throw new Error('--seeds is a whole number from 1')
  const seeds = Number(values.seeds)
  const names = values.only?.split(',') ?? mutations.map(({ name }) => name)
  const chosen = names.map((name) => {
    const found = mutations.find((one) => one.name === name)
    if (found === undefined) throw new Error(`no mutation is called ${name}`)
    return found
  })
  const unbroken = await run(undefined, seeds)
  if (unbroken !== undefined) {
    process.exitCode = 1
    console.log(`without any mutation seed ${unbroken.seed} is red: ${unbroken.what}`)
    return
  }
  console.log(`without any mutation ${seeds} worlds are green\n`)
  const width = Math.max(...chosen.map(({ name }) => name.length))
  console.log('mutation'.padEnd(width), 'seeds', 'seen by   ', 'as')
  let unseen = 0
  for (const mutation of chosen) {
    const red = await run(mutation, seeds)
    if (red === undefined) unseen++
    console.log(mutation.name.padEnd(width), lineOf(red, seeds))
    console.log(' '.repeat(width), ' '.repeat(5), 'rule      ', mutation.rule)
  }
  console.log(`\n${chosen.length} mutations, ${unseen} unseen`)
  if (unseen > 0) process.exitCode = 1
}

function lineOf(red: Red | undefined, seeds: number): string {
  if (red === undefined) return `${String(seeds).padStart(5)} NOBODY`
  const { seed, by, what } = red
  return `${String(seed).padStart(5)} ${by.padEnd(10)} ${what}`
}
