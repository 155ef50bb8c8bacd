import { redundancy, wrongShare } from './counts.ts'
import { isAsExpected, meanOf, paidShare, type Report } from './report.ts'

/** What the table shows of each run, in its order. */
const columns: Readonly<Record<string, (report: Report) => string>> = {
  wrong: ({ counts }) => share(wrongShare(counts)),
  redundancy: ({ counts }) => redundancy(counts).toFixed(3),
  dead: ({ counts }) => share(counts.dead / counts.units),
  audited: ({ counts }) => (counts.audits / counts.units).toFixed(3),
  again: ({ counts }) => (counts.again / counts.units).toFixed(3),
  corrected: ({ counts }) => some(counts.corrected),
  banned: ({ counts }) => both(counts.bans, counts.honestBans),
  suspended: ({ counts }) => both(counts.suspensions, counts.honestSuspensions),
  aside: ({ counts }) => some(counts.asides),
  paid: ({ paid }) => {
    const shares = [false, true].map((honest) => {
      return paidShare(paid.filter((one) => one.honest === honest)).toFixed(2)
    })
    return shares.join('/')
  },
  seconds: ({ seconds }) => seconds.toFixed(1),
  '': (report) => (isAsExpected(report) ? '' : 'MISSED'),
}

/** The line above a table. Of two numbers, the second is that of the honest. */
export function heading(): string {
  return row('attack', Object.keys(columns))
}

/** The lines of some runs of one attack: each of them, if asked, and their mean. */
export function lines(reports: readonly [Report, ...Report[]], each: boolean): string[] {
  return [...(each ? reports : []), meanOf(reports)].map((report) => {
    return row(
      report.attack,
      Object.values(columns).map((column) => column(report)),
    )
  })
}

/** How a run went, part by part. */
export function course({ attack, parts }: Report): string[] {
  return [
    row(attack, ['wrong', 'redundancy', 'banned', 'again']),
    ...parts.map((counts, i) => {
      const cells = [share(wrongShare(counts)), redundancy(counts).toFixed(3)]
      return row(`part ${i + 1}`, [...cells, String(counts.bans), String(counts.again)])
    }),
  ]
}

/** A share as it is written everywhere: in powers of ten, and 0 only where there is none. */
export function share(number: number): string {
  return number === 0 ? '0' : number.toExponential(1)
}

/** A number of nodes in the mean of some runs. */
export function some(number: number): string {
  return String(Math.round(number * 10) / 10)
}

function both(all: number, honest: number): string {
  return `${some(all - honest)}/${some(honest)}`
}

function row(name: string, cells: readonly string[]): string {
  return (name.padEnd(22) + cells.map((cell) => cell.padStart(11)).join('')).trimEnd()
}
