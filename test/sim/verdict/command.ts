import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { attacks } from './attacks.ts'
import { verdictPage } from './html.ts'
import { course, heading, lines } from './lines.ts'
import type { Options } from './options.ts'
import { isAsExpected, meanOf, type Report, simulate } from './report.ts'

const usage = `verdict [--attack NAME or a pattern] [--units N] [--seed S] [--seeds N]
  [--each] [--course] [--json] [--html FILE] [--nodes N] [--own N] [--audit PERMILLE]
  [--window UNITS] [--turns never | after-bans | always] [--steered SHARE]

Ends with 1 if an attack misses its bar in the mean of its seeds.

attacks:
${Object.entries(attacks)
  .map(([name, { about }]) => `  ${name.padEnd(22)}${about}`)
  .join('\n')}`

const options = {
  attack: { type: 'string', default: '.' },
  units: { type: 'string' },
  seed: { type: 'string', default: '1' },
  seeds: { type: 'string', default: '1' },
  each: { type: 'boolean', default: false },
  course: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  html: { type: 'string' },
  nodes: { type: 'string' },
  own: { type: 'string' },
  audit: { type: 'string' },
  window: { type: 'string' },
  turns: { type: 'string' },
  steered: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

/** Runs attacks on verdicts as its arguments say, and writes what came of them. */
export function verdictCommand(argv: readonly string[]): void {
  const { values } = parseArgs({ args: [...argv], options })
  if (values.help) {
    console.log(usage)
    return
  }
  const said: Record<string, number | string> = {}
  for (const key of ['units', 'nodes', 'own', 'audit', 'window', 'steered'] as const) {
    if (values[key] !== undefined) said[key] = Number(values[key])
  }
  if (values.turns !== undefined) said.turns = values.turns
  const means: Report[] = []
  if (!values.json) console.log(heading())
  for (const name of namesLike(values.attack)) {
    const reports = runs(name, said, Number(values.seed), Number(values.seeds))
    means.push(meanOf(reports))
    if (values.json) console.log(JSON.stringify(reports))
    else for (const line of lines(reports, values.each)) console.log(line)
    if (values.course) for (const report of reports) console.log(course(report).join('\n'))
  }
  if (values.html !== undefined) {
    writeFileSync(values.html, verdictPage(means, Number(values.seeds)))
  }
  if (!means.every(isAsExpected)) process.exitCode = 1
}

function namesLike(attack: string): string[] {
  if (Object.hasOwn(attacks, attack)) return [attack]
  const pattern = new RegExp(`^(?:${attack})`)
  return Object.keys(attacks).filter((name) => pattern.test(name))
}

function runs(
  name: string,
  said: Partial<Options>,
  seed: number,
  seeds: number,
): [Report, ...Report[]] {
  const run = (i: number) => simulate(name, { ...said, seed: seed + i })
  return [run(0), ...Array.from({ length: seeds - 1 }, (_, i) => run(i + 1))]
}
