import { parseArgs } from 'node:util'
import { resume } from './resume.ts'

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '1024' },
    kills: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
  },
})
for (const way of ['noise', 'gateway'] as const) {
  const moved = await resume({
    bytes: Number(values.mib) * 1024 * 1024,
    kills: Number(values.kills),
    seed: Number(values.seed),
    way,
  })
  process.stdout.write(`${JSON.stringify({ ...values, ...moved })}\n`)
}
