import { parseArgs } from 'node:util'
import { endure } from './hardship.ts'

const { values } = parseArgs({
  options: {
    units: { type: 'string', default: '100' },
    nodes: { type: 'string', default: '4' },
    points: { type: 'string', default: '200000' },
    seed: { type: 'string', default: String(Date.now() % 1000) },
  },
})
const [units, nodes, points, seed] = [values.units, values.nodes, values.points, values.seed].map(
  Number,
) as [number, number, number, number]
const say = (line: string) => void process.stdout.write(`${line}\n`)
say(`seed ${seed}: ${units} units, ${nodes} nodes`)
const endured = await endure({ units, nodes, points, seed }, say)
say(JSON.stringify(endured, null, 2))
const { accepted, different, lost, paidTwice, unpaid, sum } = endured
const faults = different.length + lost.length + paidTwice.length + unpaid.length
if (accepted !== units || faults > 0 || sum !== 0) process.exitCode = 1
