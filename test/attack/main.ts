import { parseArgs } from 'node:util'
import { apart } from './apart.ts'
import { attacks } from './attacks.ts'
import { siege } from './siege.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seconds: { type: 'string', default: '5' },
    /** Those whose names this finds. */
    attacks: { type: 'string', default: '' },
  },
})
const seed = values.seed === undefined ? Date.now() % 2 ** 32 : Number(values.seed)
const chosen = attacks.filter(({ name }) => new RegExp(values.attacks).test(name))
const line = (text: string) => process.stdout.write(`${text}\n`)

/** How many times as long as in the calm an honest peer may wait, in one of a hundred answers. */
const timesMax = 2

line(`seed ${seed}`)
const started = (victim: number, honest: number) => line(apart(victim, honest, process.pid))
line('p99 ms: calm, attacked, times | answers | loop p99 ms | MiB more, held | attack, refusals')
const over: string[] = []
for await (const outcome of siege(chosen, {
  seed,
  hurry: 1,
  leastMs: Number(values.seconds) * 1000,
  started,
})) {
  const { attack, codes, moreBytes, heldBytes, waits, calm, loopMs } = outcome
  const times = p99(waits.us) / p99(calm.us)
  if (times > timesMax || waits.refused > 0) over.push(`${attack}: ${times.toFixed(2)} times`)
  const figures = [p99(calm.us), p99(waits.us)].map((ms) => ms.toFixed(2).padStart(6)).join(' ')
  const count = `${waits.us.length} of ${waits.us.length + waits.refused}`
  const memory = `${mebi(moreBytes)}, ${mebi(heldBytes)}`
  line(`${figures} ${times.toFixed(2).padStart(5)} | ${count} | ${loopMs.toFixed(1)} | ${memory} |`)
  line(`    ${attack} ${JSON.stringify(codes)}`)
}
for (const one of over) line(`over ${timesMax} times: ${one}`)
if (over.length > 0) process.exitCode = 1

function p99(us: readonly number[]): number {
  return (us.toSorted((a, b) => a - b)[Math.floor(us.length * 0.99)] ?? 0) / 1000
}

function mebi(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0)
}
