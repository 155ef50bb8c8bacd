import { parseArgs } from 'node:util'
import { type Tried, tried } from './run.ts'
import { Scene } from './scene.ts'
import { tries } from './tries.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    rounds: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
})
const seed = values.seed === undefined ? Date.now() % 2 ** 32 : Number(values.seed)
const line = (text: string) => process.stdout.write(`${text}\n`)
const work = { nodes: 2, units: 40, points: 1_000_000 }

line(`seed ${seed}`)
await using scene = await Scene.open(seed, work)
const { now: calmBytes } = await scene.memory()
const wanted = tries.filter(({ name }) => name.includes(values.only))
const faults: string[] = []
line('      s   MiB  honest  what was tried, and what it was refused with')
for (let round = 0; round < Number(values.rounds); round++) {
  for await (const one of tried(wanted, scene, calmBytes)) {
    line(row(one))
    faults.push(...one.missing.map((code) => `${one.name}: no ${code}`))
  }
}
const troubles = scene.troubles
const ended = await scene.end()
faults.push(...troubles.map((told) => `a node was told ${JSON.stringify(told)}`))
faults.push(...ended.faults)
line(`${scene.done.length} jobs of the honest, of ${work.units} units, ended in seconds:`)
line(`  ${scene.done.map(({ seconds }) => seconds.toFixed(1)).join(' ')}`)
line(`${ended.acknowledged} results were acknowledged, ${ended.paid} executions paid once`)
line(`the ledger: audit ended with ${ended.audit}, and all accounts together are ${ended.sum}`)
line(faults.length === 0 ? 'nothing came of it' : faults.join('\n'))
if (faults.length > 0) process.exitCode = 1

function row({ name, seconds, came, moreBytes, acknowledged }: Tried): string {
  const columns = [seconds.toFixed(1), (moreBytes / 2 ** 20).toFixed(0)]
  const counts = Map.groupBy(came, (code) => code)
  const said = Array.from(counts, ([code, { length }]) => (length > 1 ? `${length} ${code}` : code))
  const [first = '', second = ''] = columns
  const left = `${first.padStart(7)}${second.padStart(6)}${String(acknowledged).padStart(8)}`
  return `${left}  ${name}\n${' '.repeat(25)}${said.join(', ')}`
}
