import { parseArgs } from 'node:util'
import { controls } from '../sim/bank/controls.ts'
import { run } from './run.ts'

const say = (line: string) => process.stdout.write(`${line}\n`)

const { values } = parseArgs({
  options: {
    attempts: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    broken: { type: 'string' },
  },
})
const broken = controls.find(({ name }) => name === values.broken)
if (broken?.name !== values.broken) throw new Error(`no control is called ${values.broken}`)
say(`seed ${values.seed}`)
const size = { seed: Number(values.seed), attempts: Number(values.attempts), isRough: true }
const came = await run({ ...size, ...(broken === undefined ? {} : { broken }) })
const counts = [...came.faults, ...came.outcomes].sort(([a], [b]) => (a < b ? -1 : 1))
for (const [what, count] of counts) say(`${String(count).padStart(9)}  ${what}`)
const { attempts, promised, arrived, ms } = came
say(`${attempts} attempts in ${ms} ms, ${promised} promises kept, ${arrived} moves, 0 overdrafts`)
