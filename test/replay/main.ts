import { parseArgs } from 'node:util'
import { Disagreement, openingOnce } from './duel.ts'
import { relive, Tally } from './history.ts'

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '0' },
    steps: { type: 'string', default: '60' },
  },
})
const first = Number(values.seed)
const until = first + Number(values.histories)
const tally = new Tally()
const apart: string[] = []
for (let seed = first; seed < until; seed++) {
  try {
    relive(seed, Number(values.steps), openingOnce(), tally)
  } catch (cause) {
    if (!(cause instanceof Disagreement)) throw cause
    apart.push(cause.message)
  }
}
for (const message of apart) process.stdout.write(`${message}\n\n`)
process.stdout.write(`${tableOf(tally)}\nseeds ${first} to ${until - 1}, ${apart.length} apart\n`)
if (apart.length > 0) process.exitCode = 1

function tableOf({ histories, taken, unharmed, facts, refused }: Tally): string {
  const lines = (counts: ReadonlyMap<string, number>) => {
    const rows = [...counts].sort(([, a], [, b]) => b - a)
    return rows.map(([name, count]) => `${String(count).padStart(9)} ${name}`)
  }
  const sum = [...refused.values()].reduce((all, one) => all + one, 0)
  return [
    ...['facts taken', ...lines(facts), 'refusals', ...lines(refused)],
    `${histories} histories, ${taken} entries taken (${unharmed} unharmed), ${sum} refused`,
  ].join('\n')
}
