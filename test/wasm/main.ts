import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { expected } from './observation.ts'

const { values } = parseArgs({
  options: {
    modules: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
})
const modules = Number(values.modules)
const seed = Number(values.seed)

/** How the engine compiles: by itself, without its optimising compiler, without its baseline. */
const tiers = ['', '--liftoff-only', '--no-liftoff']

console.log(`seed ${seed}, ${modules} modules, ${tiers.length} tiers and the interpreter`)
const ends = new Map<string, number>()
const bareRuns = { same: 0, other: 0, 'not run': 0 }
let differences = 0

const readers = tiers.map((flag) => linesOf(flag)[Symbol.asyncIterator]())
for (let at = seed; at < seed + modules; at++) {
  const lines = await Promise.all(readers.map(async (reader) => (await reader.next()).value))
  if (lines.includes(undefined)) throw new Error(`a child ended at seed ${at}`)
  const told = lines.map((line) => JSON.parse(line as string))
  const wanted = JSON.stringify(expected(at).runs)
  for (const [i, { runs, bare }] of told.entries()) {
    bareRuns[bare as keyof typeof bareRuns]++
    if (bare === 'other') differ(at, `${tiers[i]} bare`, 'another result')
    if (JSON.stringify(runs) !== wanted) differ(at, tiers[i] as string, JSON.stringify(runs))
  }
  for (const { ended } of told[0].runs) ends.set(ended, (ends.get(ended) ?? 0) + 1)
}
console.log(Object.fromEntries(ends), 'bare:', bareRuns)
console.log(differences === 0 ? 'no difference' : `${differences} differences`)
process.exitCode = differences === 0 ? 0 : 1

function differ(at: number, where: string, what: string): void {
  differences++
  console.log(`seed ${at} (${where || 'default'}): ${what}`)
}

function linesOf(flag: string) {
  const child = spawn(
    process.execPath,
    [
      ...(flag === '' ? [] : [flag]),
      new URL('./child.ts', import.meta.url).pathname,
      `--seed=${seed}`,
      `--modules=${modules}`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  return createInterface({ input: child.stdout })
}
