import { parseArgs } from 'node:util'
import { apart } from './apart.ts'
import { attacks } from './attacks.ts'
import { pooled, siege } from './siege.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    /** How long each window of an attack is, and each calm, and how many there are. */
    seconds: { type: 'string', default: '1' },
    windows: { type: 'string', default: '3' },
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
const started = (processes: readonly number[]) => line(apart(processes, process.pid))
line(
  'p99 ms: calm, attacked, times | the same of nodes on this machine, noise | answers | loop | MiB',
)
const over: string[] = []
for await (const outcome of siege(chosen, {
  seed,
  hurry: 1,
  windowMs: Number(values.seconds) * 1000,
  windows: Number(values.windows),
  started,
})) {
  const { attack, codes, moreBytes, heldBytes, waits, calms, loopMs } = outcome
  const calm = pooled(calms)
  const [times, figures] = compared(calm.us, waits.us)
  const [, near] = compared(calm.nearUs, waits.nearUs)
  const refused = waits.refused + calm.refused
  if (!(times <= timesMax) || refused > 0) over.push(`${attack}: ${times.toFixed(2)} times`)
  const count = `${calm.us.length}, ${waits.us.length}${refused > 0 ? `, ${refused} refused` : ''}`
  const memory = `${mebi(moreBytes)} more, ${mebi(heldBytes)} held`
  const noise = noiseOf(calms.map(({ nearUs }) => p99(nearUs)))
  const rest = [`${near} ${noise}`, count, loopMs.toFixed(1), memory]
  line(`${figures} ${rest.join(' | ')}`)
  line(`    ${attack} ${JSON.stringify(codes)}`)
}
for (const one of over) line(`over ${timesMax} times: ${one}`)
if (over.length > 0) process.exitCode = 1

/** How many times as long, and that in figures. */
function compared(calm: readonly number[], waits: readonly number[]): readonly [number, string] {
  const [before, after] = [p99(calm), p99(waits)]
  const times = after / before
  return [times, [before, after, times].map((one) => one.toFixed(2).padStart(6)).join(' ')]
}

/** How far the calm is from itself: the p99 of one window by that of the next, at the worst. */
function noiseOf(p99s: readonly number[]): string {
  const ratios = p99s.slice(1).map((ms, i) => ms / (p99s[i] ?? ms))
  return Math.max(...ratios.map((ratio) => Math.max(ratio, 1 / ratio))).toFixed(2)
}

function p99(us: readonly number[]): number {
  return (us.toSorted((a, b) => a - b)[Math.floor(us.length * 0.99)] ?? 0) / 1000
}

function mebi(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0)
}
