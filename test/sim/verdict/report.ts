import { attacks, optionsOf } from './attacks.ts'
import { type Counts, noCounts, redundancy, since, wrongShare } from './counts.ts'
import type { Options } from './options.ts'
import { World } from './world.ts'

/** What came of a run. */
export interface Report {
  readonly attack: string
  readonly counts: Counts
  /** The same for each tenth of the run. */
  readonly tenths: readonly Counts[]
  /** Units paid for each execution: of the honest, and of the others. */
  readonly paid: { readonly honest: number; readonly others: number }
  readonly seconds: number
}

/** Runs an attack. */
export function simulate(name: string, said: Partial<Options>): Report {
  const attack = attacks[name]
  if (attack === undefined) throw new Error(`no attack is called ${name}`)
  const options = optionsOf(attack, said)
  const world = new World(options, attack.honest, attack.others)
  const tenths: Counts[] = []
  const begun = performance.now()
  let before = noCounts()
  for (let unit = 0; unit < options.units; unit++) {
    world.step(unit)
    if (Math.floor(((unit + 1) * 10) / options.units) === tenths.length) continue
    tenths.push(since(world.counts, before))
    before = { ...world.counts }
  }
  const paid = (honest: boolean) => {
    const members = world.population.members.filter(({ kind }) => kind.honest === honest)
    const executions = members.reduce((sum, one) => sum + one.executions, 0)
    return members.reduce((sum, one) => sum + one.credit, 0) / Math.max(1, executions)
  }
  return {
    attack: name,
    counts: world.counts,
    tenths,
    paid: { honest: paid(true), others: paid(false) },
    seconds: (performance.now() - begun) / 1000,
  }
}

/** What the table shows of each run, in its order. */
const columns: Readonly<Record<string, (report: Report) => string>> = {
  wrong: ({ counts }) => share(wrongShare(counts)),
  redundancy: ({ counts }) => redundancy(counts).toFixed(3),
  dead: ({ counts }) => share(counts.dead / counts.units),
  audited: ({ counts }) => (counts.audits / counts.units).toFixed(3),
  again: ({ counts }) => (counts.again / counts.units).toFixed(3),
  corrected: ({ counts }) => String(counts.corrected),
  banned: ({ counts }) => `${counts.bans - counts.honestBans}/${counts.honestBans}`,
  suspended: ({ counts }) => {
    return `${counts.suspensions - counts.honestSuspensions}/${counts.honestSuspensions}`
  },
  aside: ({ counts }) => String(counts.asides),
  paid: ({ paid }) => `${paid.others.toFixed(2)}/${paid.honest.toFixed(2)}`,
  seconds: ({ seconds }) => seconds.toFixed(1),
}

/** The line above a table. Of two numbers, the second is that of the honest. */
export function heading(): string {
  return row('attack', Object.keys(columns))
}

/** The lines of some runs of one attack: each of them, if asked, and their mean. */
export function lines(reports: readonly Report[], each: boolean): string[] {
  const [first] = reports
  if (first === undefined) return []
  const one = (report: Report) => Object.values(columns).map((column) => column(report))
  const all = each ? reports.map((report) => row(report.attack, one(report))) : []
  return [...all, row(first.attack, one(meanOf(reports, first)))]
}

/** How a run went, tenth by tenth. */
export function course({ attack, tenths }: Report): string[] {
  return [
    row(attack, ['wrong', 'redundancy', 'banned', 'again']),
    ...tenths.map((counts, i) => {
      const cells = [share(wrongShare(counts)), redundancy(counts).toFixed(3)]
      return row(`tenth ${i + 1}`, [...cells, String(counts.bans), String(counts.again)])
    }),
  ]
}

function meanOf(reports: readonly Report[], first: Report): Report {
  const mean = (of: (report: Report) => number) => {
    return reports.reduce((sum, report) => sum + of(report), 0) / reports.length
  }
  const counts = noCounts()
  for (const key of Object.keys(counts) as (keyof Counts)[]) {
    counts[key] = Math.round(mean((report) => report.counts[key]) * 10) / 10
  }
  return {
    ...first,
    counts,
    paid: { honest: mean(({ paid }) => paid.honest), others: mean(({ paid }) => paid.others) },
    seconds: mean(({ seconds }) => seconds),
  }
}

function share(number: number): string {
  return number === 0 ? '0' : number.toExponential(1)
}

function row(name: string, cells: readonly string[]): string {
  return name.padEnd(22) + cells.map((cell) => cell.padStart(11)).join('')
}
