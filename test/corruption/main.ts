import { parseArgs } from 'node:util'
import { run, tableOf } from './run.ts'

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '0' },
  },
})
const first = Number(values.seed)
const seeds = Array.from({ length: Number(values.cases) }, (_, i) => first + i)
process.stdout.write(`seeds ${first} to ${first + seeds.length - 1}\n`)
const outcomes = await run(seeds)
process.stdout.write(`${tableOf(outcomes)}\n`)
for (const one of outcomes) {
  if (one.found !== 'UNSEEN' && one.repaired !== 'LOST') continue
  process.exitCode = 1
  const { seed, target, deed, found, repaired, detail } = one
  process.stdout.write(`seed ${seed}: ${target} ${deed}: ${found} ${repaired} ${detail}\n`)
}
