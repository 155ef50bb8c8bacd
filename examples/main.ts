import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { buildAll, folder, programs } from './build.ts'
import { checks, type Name, textsBelow } from './checks.ts'
import { agrees, type Comparison } from './comparison.ts'
import { exampleOf } from './job.ts'
import { type Finished, runUnits } from './run.ts'

const [verb = 'build', name = '', directory = ''] = process.argv.slice(2)
const isExample = Object.hasOwn(checks, name) && directory !== ''
if (verb === 'build' && name === '') build()
else if (verb === 'run' && isExample) await run()
else if (verb === 'check' && isExample) check()
else {
  const names = Object.keys(checks).join(' | ')
  console.error(`pnpm examples [build]\npnpm examples run | check NAME FOLDER\nNAME: ${names}`)
  process.exitCode = 2
}

function build(): void {
  buildAll(folder)
  console.log(`built ${programs().length} modules`)
}

/** Runs all units of an example on this machine, and leaves what they left below a folder. */
async function run(): Promise<void> {
  const cores = availableParallelism()
  const finished = await runUnits(exampleOf(name), { cores }, (one) => {
    if (one.end !== 0) console.error(`unit ${one.unit} ended with ${one.end}: ${one.log}`)
    else console.error(`unit ${one.unit}: ${one.fuel} fuel in ${one.cpuMs} ms`)
  })
  for (const { unit, outputs } of finished) {
    for (const { path, bytes } of outputs.flatMap(({ files }) => files)) {
      const to = join(directory, String(unit), path)
      mkdirSync(dirname(to), { recursive: true })
      writeFileSync(to, bytes)
    }
  }
  console.log(`${finished.length} units, ${spent(finished)}; what they left is in ${directory}`)
  if (!finished.every(({ end }) => end === 0)) process.exitCode = 1
}

function spent(finished: readonly Finished[]): string {
  const fuel = finished.reduce((sum, one) => sum + one.fuel, 0)
  const cpuMs = finished.reduce((sum, one) => sum + one.cpuMs, 0)
  return `${(fuel / 1e9).toFixed(1)} billion fuel in ${(cpuMs / 1000).toFixed(1)} s of CPU`
}

function check(): void {
  const { files, compare } = checks[name as Name]
  const texts = existsSync(directory) ? textsBelow(name as Name, directory) : []
  console.log(`${texts.length} files called ${files.join(' or ')} below ${directory}`)
  const compared = compare(texts)
  for (const one of compared) console.log(lineOf(one))
  if (!compared.every(agrees)) process.exitCode = 1
}

function lineOf(one: Comparison): string {
  const [found, published, within] = [one.found, one.published, one.within].map((value) => {
    return Number(value.toPrecision(7))
  })
  const word = agrees(one) ? 'agrees ' : 'DIFFERS'
  return `${word}  ${one.what}: ${found}, published ${published}, may differ by ${within}`
}
