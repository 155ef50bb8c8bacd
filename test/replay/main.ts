import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { reread } from './dealt.ts'
import { Disagreement, Duel, openingOnce } from './duel.ts'
import { entriesIn } from './exported.ts'
import { relive } from './history.ts'
import { Tally } from './tally.ts'

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '0' },
    steps: { type: 'string', default: '60' },
    entries: { type: 'string' },
  },
})
const say = (line: string) => process.stdout.write(`${line}\n`)

if (values.entries === undefined) replay(Number(values.seed), Number(values.histories))
else readEntries(await readFile(values.entries))

/** Histories of our own, and as many of the ledger's tests, from a seed on. */
function replay(first: number, histories: number): void {
  const tally = new Tally()
  const steps = Number(values.steps)
  let apart = 0
  for (let seed = first; seed < first + histories; seed++) {
    for (const read of [relive, reread]) {
      try {
        read(seed, steps, openingOnce(), tally)
      } catch (cause) {
        if (!(cause instanceof Disagreement)) throw cause
        apart++
        say(`${cause.message}\n`)
      }
    }
  }
  say(tableOf(tally))
  say(`seeds ${first} to ${first + histories - 1}, ${apart} apart`)
  if (apart > 0) process.exitCode = 1
}

/** The entries of a chain that was exported. */
function readEntries(file: Buffer): void {
  const duel = new Duel()
  for (const [seq, entry] of entriesIn(file).entries()) {
    const broken = duel.take(entry)
    if (broken === undefined) continue
    say(`entry ${seq} is refused by both: ${broken}`)
    process.exitCode = 1
    return
  }
  const { checker } = duel
  say(`${checker.book.entries.length} entries, taken by both`)
  say(`chain ${checker.chainRoot()}, state ${checker.stateRoot()}, ${checker.rows.size} rows`)
}

function tableOf({ histories, taken, unharmed, happened, refused }: Tally): string {
  const lines = (counts: ReadonlyMap<string, number>) => {
    const rows = [...counts].sort(([, a], [, b]) => b - a)
    return rows.map(([name, count]) => `${String(count).padStart(9)} ${name}`)
  }
  const sum = [...refused.values()].reduce((all, one) => all + one, 0)
  return [
    ...['what happened', ...lines(happened), 'refusals', ...lines(refused)],
    `${histories} histories, ${taken} entries taken (${unharmed} unharmed), ${sum} refused`,
  ].join('\n')
}
