import { bars } from '../report/bars.ts'
import { type LinePlot, linePlot } from '../report/line-plot.ts'
import { type Cell, page, type Section, table } from '../report/page.ts'
import { attackOf } from './attacks.ts'
import { type Counts, redundancy, wrongShare } from './counts.ts'
import { share, some } from './lines.ts'
import { isAsExpected, paidShare, type Report } from './report.ts'

/** All that was simulated as a page: the figures against their bars, then each attack by itself. */
export function verdictPage(reports: readonly Report[], seeds: number): string {
  const about = `What the rules of coordinator/core/verdict come to against liars, in the mean of
    ${seeds} seeds. Wrong is the share of final units whose result is wrong; redundancy is the
    executions for each unit, audits and verifying again included.`
  const figures: Section = {
    title: 'Figures against their bars',
    about:
      'A control leaves a rule out, and has to miss its bar: else nothing is shown by the rest.',
    parts: [table(heads, reports.map(figuresOf))],
  }
  return page('Verdicts in simulation', about, [figures, ...reports.map(sectionOf)])
}

const heads = ['attack', 'wrong', 'bar', 'redundancy', 'bar', 'honest banned', 'banned'].concat(
  'honest suspended',
  'suspended',
  'paid to others',
  'paid to honest',
  '',
)

function figuresOf(report: Report): Cell[] {
  const { counts, paid } = report
  const { bar, mustFail } = attackOf(report.attack)
  const isGood = isAsExpected(report)
  const paidTo = (honest: boolean) => paidShare(paid.filter((one) => one.honest === honest))
  return [
    report.attack,
    share(wrongShare(counts)),
    share(bar.wrong),
    redundancy(counts).toFixed(3),
    bar.redundancy.toFixed(2),
    some(counts.honestBans),
    some(counts.bans - counts.honestBans),
    some(counts.honestSuspensions),
    some(counts.suspensions - counts.honestSuspensions),
    paidTo(false).toFixed(2),
    paidTo(true).toFixed(2),
    { text: endOf(mustFail !== undefined, isGood), is: isGood ? 'kept' : 'missed' },
  ]
}

function endOf(isControl: boolean, isGood: boolean): string {
  if (isControl) return isGood ? 'fails, as it has to' : 'does not fail'
  return isGood ? 'kept' : 'missed'
}

function sectionOf(report: Report): Section {
  const { bar, about } = attackOf(report.attack)
  const wrongOf = (counts: Counts) => (counts.final > 0 ? wrongShare(counts) : undefined)
  const wrong = plotOf(report, 'wrong, by when units are final', wrongOf, {
    bar: bar.wrong,
    writeY: share,
  })
  const cost = plotOf(report, 'redundancy', redundancy, {
    bar: bar.redundancy,
    from: Math.floor(bar.redundancy),
    writeY: (y) => y.toFixed(2),
  })
  const paid = report.paid.map((one) => ({ name: one.kind, value: paidShare([one]) }))
  const credit = bars('units paid for each execution', paid, (value) => value.toFixed(2))
  return { title: report.attack, about, parts: [wrong, cost, credit] }
}

function plotOf(
  { parts, units }: Report,
  title: string,
  of: (counts: Counts) => number | undefined,
  other: Pick<LinePlot, 'bar' | 'from' | 'writeY'>,
): string {
  const points = parts.flatMap((counts, i): [number, number][] => {
    const value = of(counts)
    return value === undefined ? [] : [[((i + 1) * units) / parts.length, value]]
  })
  const writeX = (x: number) => (units < 1e6 || x === 0 ? String(x) : `${x / 1e6} M`)
  return linePlot({ title, along: 'units', lines: [{ name: title, points }], writeX, ...other })
}
