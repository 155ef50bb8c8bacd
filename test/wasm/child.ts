import { parseArgs } from 'node:util'
import { bare, observe } from './observation.ts'

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '0' }, modules: { type: 'string', default: '0' } },
})
const first = Number(values.seed)
const end = first + Number(values.modules)
for (let seed = first; seed < end; seed++) {
  const observation = observe(seed)
  console.log(JSON.stringify({ ...observation, bare: bare(seed, observation) }))
}
