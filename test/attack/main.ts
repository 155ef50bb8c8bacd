import { setPriority } from 'node:os'
import { parseArgs } from 'node:util'
import { attacks } from './attacks.ts'
import type { Waits } from './honest.ts'
import { siege } from './siege.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seconds: { type: 'string', default: '5' },
  },
})
const seed = values.seed === undefined ? Date.now() % 2 ** 32 : Number(values.seed)
const line = (text: string) => process.stdout.write(`${text}\n`)

line(`seed ${seed}`)
let calmUs = 0
for await (const outcome of siege(attacks, {
  seed,
  hurry: 1,
  leastMs: Number(values.seconds) * 1000,
})) {
  const { attack, codes, moreBytes, heldBytes, waits } = outcome
  const p99 = quantile(waits.us, 0.99)
  calmUs ||= p99
  // Who attacks has machines of its own: here it gets what the others, which run by now, leave.
  setPriority(19)
  line(`${attack}`)
  line(`  honest answers: ${waited(waits)}, p99 ${(p99 / calmUs).toFixed(2)} times that of before`)
  line(`  memory: ${mebi(moreBytes)} MiB more at the most, ${mebi(heldBytes)} MiB held at the end`)
  line(`  refused: ${JSON.stringify(codes)}`)
}

function waited({ us, refused }: Waits): string {
  const ms = (q: number) => (quantile(us, q) / 1000).toFixed(2)
  return `${us.length}, p50 ${ms(0.5)} ms, p99 ${ms(0.99)} ms, ${refused} refused`
}

function quantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * q)] ?? 0
}

function mebi(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1)
}
