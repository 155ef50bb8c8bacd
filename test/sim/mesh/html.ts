import { bars } from '../report/bars.ts'
import { linePlot } from '../report/line-plot.ts'
import { page, table } from '../report/page.ts'
import { type Report, seconds, sortedFortunes } from './report.ts'

/** A report as a page. */
export function meshPage(report: Report): string {
  const { seeds, events, virtualMs, failures } = report
  const hours = Math.round(virtualMs / 3_600_000)
  const about = `Whole meshes in one process: ${seeds} seeds, ${events} events in ${hours} virtual
    hours, ${failures.length} violations. Each seed draws coordinators, nodes that are honest or
    not, publishers, jobs, and what goes wrong; then everything has to come to its end.`
  const fortunes = sortedFortunes(report.fortunes)
  const each = (micro: number, nodes: number) => Math.round(micro / nodes)
  return page('A mesh in simulation', about, [
    {
      title: 'Violations',
      about: 'Each can be seen again with its arguments.',
      parts: [
        table(
          ['seed', 'what', 'pnpm sim ...'],
          failures.map(({ seed, failure }) => {
            const [first = ''] = failure?.what.split('\n') ?? []
            return [String(seed), { text: first, is: 'missed' }, failure?.again ?? '']
          }),
        ),
      ],
    },
    {
      title: 'By kind of node',
      about:
        'What a node got in the mean, in micro-credits, with what is kept until it is trusted.',
      parts: [
        bars(
          'credit of a node',
          fortunes.map(([name, { micro, kept, nodes }]) => {
            return { name, value: each(micro + kept, nodes) }
          }),
        ),
        bars(
          'strikes of a hundred nodes',
          fortunes.map(([name, { strikes, nodes }]) => {
            return { name, value: each(100 * strikes, nodes) }
          }),
        ),
        bars(
          'bans of a hundred nodes',
          fortunes.map(([name, { banned, nodes }]) => ({ name, value: each(100 * banned, nodes) })),
        ),
      ],
    },
    {
      title: 'Units',
      about: 'From the admission of a job to the first verdict on each of its units.',
      parts: [
        linePlot({
          title: 'latency, by the share of units that were faster',
          along: 'of a thousand',
          lines: [{ name: 'latency', points: latencies(report) }],
          writeY: seconds,
        }),
        bars('verdicts', lengths(report, 'decided')),
      ],
    },
    {
      title: 'What happened',
      about: 'What went wrong, what was written, and how publishers were answered.',
      parts: ['fault', 'fact', 'answer'].map((word) => bars(word, lengths(report, word))),
    },
  ])
}

function latencies(report: Report): [number, number][] {
  return Array.from({ length: 50 }, (_, i) => [i * 20, report.latencyAt(i * 20)])
}

function lengths(report: Report, word: string) {
  return report.countsOf(word).map(([name, value]) => ({ name, value }))
}
