import { parseArgs } from 'node:util'
import { attacks } from './attacks.ts'
import type { Options } from './options.ts'
import { course, heading, lines, type Report, simulate } from './report.ts'

const usage = `node test/sim/verdict/main.ts [--attack NAME or a pattern] [--units N] [--seed S]
  [--seeds N] [--each] [--course] [--json] [--nodes N] [--own N] [--audit PERMILLE] [--window UNITS]
  [--turns never | after-bans | always] [--steered SHARE]

attacks:
${Object.entries(attacks)
  .map(([name, { about }]) => `  ${name.padEnd(22)}${about}`)
  .join('\n')}`

const { values } = parseArgs({
  options: {
    attack: { type: 'string', default: '.' },
    units: { type: 'string' },
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    each: { type: 'boolean', default: false },
    course: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    nodes: { type: 'string' },
    own: { type: 'string' },
    audit: { type: 'string' },
    window: { type: 'string' },
    turns: { type: 'string' },
    steered: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(usage)
else run()

function run(): void {
  const said: Record<string, number | string> = {}
  for (const key of ['units', 'nodes', 'own', 'audit', 'window', 'steered'] as const) {
    if (values[key] !== undefined) said[key] = Number(values[key])
  }
  if (values.turns !== undefined) said.turns = values.turns
  const pattern = new RegExp(`^(?:${values.attack})`)
  const exact = Object.hasOwn(attacks, values.attack)
  const names = Object.keys(attacks).filter((name) => {
    return exact ? name === values.attack : pattern.test(name)
  })
  if (!values.json) console.log(heading())
  for (const name of names) {
    const reports: Report[] = []
    for (let i = 0; i < Number(values.seeds); i++) {
      const options: Partial<Options> = { ...said, seed: Number(values.seed) + i }
      reports.push(simulate(name, options))
    }
    if (values.json) console.log(JSON.stringify(reports))
    else for (const line of lines(reports, values.each)) console.log(line)
    if (values.course) for (const report of reports) console.log(course(report).join('\n'))
  }
}
