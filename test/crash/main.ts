import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Aftermath, canInject, count, crash, type End } from './crash.ts'

const { values } = parseArgs({
  options: {
    syncs: { type: 'string', default: '1000' },
    kills: { type: 'string', default: '500' },
    failures: { type: 'string', default: '50' },
    powers: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
  },
})
let state = Number(values.seed)
const draw = (below: number): number => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
  return (state >>> 8) % below
}
const times = (many: string, endOf: (i: number) => End) =>
  Array.from({ length: Number(many) }, (_, i) => endOf(i))
const ends: End[] = [
  ...times(
    canInject ? values.syncs : '0',
    (i): End => ({ how: 'killed at sync', sync: 1 + (i % 60) }),
  ),
  ...times(values.kills, (): End => ({ how: 'killed at word', word: 1 + draw(120) })),
  ...times(canInject ? values.failures : '0', (i): End => ({ how: 'sync fails', sync: 12 + i })),
  ...times(
    canInject ? values.powers : '0',
    (i): End => ({ how: 'loses power', seed: Number(values.seed) + i }),
  ),
]
process.stdout.write(`seed ${values.seed}, ${ends.length} ends\n`)

const root = await mkdtemp(join(tmpdir(), 'nexapod-crash-'))
const found: (Aftermath & { end: End })[] = []
const lanes = Array.from({ length: availableParallelism() }, async (_, lane) => {
  let store = 0
  for (let end = ends.shift(); end !== undefined; end = ends.shift()) {
    const directory = join(root, `${lane}-${store}`)
    const aftermath = await crash(directory, end)
    found.push({ ...aftermath, end })
    // A store that is full makes room for a new one, so that beginnings are killed too.
    const goesOn = end.how !== 'loses power' && aftermath.size < count
    if (goesOn && aftermath.wrong === undefined) continue
    await rm(directory, { recursive: true })
    store++
  }
})
await Promise.all(lanes)
await rm(root, { recursive: true })

for (const how of ['killed at sync', 'killed at word', 'sync fails', 'loses power'] as const) {
  const some = found.filter(({ end }) => end.how === how)
  const wrong = some.filter((one) => one.wrong !== undefined)
  const stopped = some.filter(({ refused }) => refused[0]?.startsWith('ledger.stopped')).length
  const line = `${how.padEnd(15)} ${some.length} ends, ${wrong.length} wrong, ${stopped} stopped`
  process.stdout.write(`${line}\n`)
  for (const one of wrong) process.stdout.write(`  ${JSON.stringify(one)}\n`)
  if (wrong.length > 0) process.exitCode = 1
}
