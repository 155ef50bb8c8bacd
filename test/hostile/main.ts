import { parseArgs } from 'node:util'
import { tried } from './run.ts'
import { Scene } from './scene.ts'
import { tries } from './tries.ts'

const { values } = parseArgs({
  options: { seed: { type: 'string' }, only: { type: 'string', default: '' } },
})
const seed = values.seed === undefined ? Date.now() % 2 ** 32 : Number(values.seed)
const line = (text: string) => process.stdout.write(`${text}\n`)
line(`seed ${seed}`)
await using scene = await Scene.open(seed, { nodes: 2, units: 40, points: 1_000_000 })
const { now } = await scene.memory()
for await (const one of tried(
  tries.filter(({ name }) => name.includes(values.only)),
  scene,
  now,
)) {
  line(JSON.stringify(one))
}
line(JSON.stringify(scene.done))
line(JSON.stringify(scene.troubles))
line(JSON.stringify(await scene.end(), null, 1))
