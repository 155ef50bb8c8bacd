import { kindNames } from './plan.ts'
import type { Went } from './run.ts'

/** What came of a run, for whoever watched it. */
export function report({ faults, took, events, anomalies, counts, seconds }: Went): string[] {
  const spans = new Map<number, { kind: string; from: number; till: number }>()
  for (const event of events) {
    if (event.type !== 'fault') continue
    const { number, kind, phase, at } = event
    const span = spans.get(number) ?? { kind, from: at, till: Number.POSITIVE_INFINITY }
    spans.set(number, phase === 'ends' ? { ...span, till: at } : span)
  }
  const under = (kind: string) => {
    return took.filter(({ from, till }) => {
      return [...spans.values()].some((span) => {
        return span.kind === kind && span.from < till && span.till > from
      })
    })
  }
  const none = took.filter(({ from, till }) => {
    return ![...spans.values()].some((span) => span.from < till && span.till > from)
  })
  const rows = kindNames.flatMap((kind) => {
    const times = faults.filter((fault) => fault.kind === kind).length
    return times === 0 ? [] : [row(kind, times, under(kind))]
  })
  const refused = events.flatMap((event) => (event.type === 'refused' ? [event.code] : []))
  const why = Map.groupBy(refused, (code) => code)
  const codes = Array.from(why, ([code, { length }]) => `${length} ${code}`).join(', ')
  const { jobs, accepted, dead, receipts, cut, paid, micro, entries, reads } = counts
  return [
    'fault          times  jobs meanwhile: median s    most s',
    ...rows,
    row('none', 0, none),
    '',
    `${seconds} s, ${faults.length} faults`,
    `${jobs} jobs acknowledged, ${took.length} told to have ended`,
    `${refused.length} not taken: ${codes}`,
    `${accepted} units accepted, ${dead} dead; ${receipts} receipts acknowledged, ${cut} cut off`,
    `${paid} executions paid once, ${micro} micro-credits`,
    `${entries} entries, ${reads} reads while it ran`,
    `${anomalies.length} anomalies`,
    ...anomalies.slice(0, 20).map(({ is, says }) => `  ${is.padEnd(13)} ${says}`),
  ]
}

function row(kind: string, times: number, took: Went['took']): string {
  const seconds = took.map(({ from, till }) => (till - from) / 1000).sort((a, b) => a - b)
  const median = seconds[seconds.length >> 1]?.toFixed(1) ?? '-'
  const most = seconds.at(-1)?.toFixed(1) ?? '-'
  const count = times === 0 ? '' : String(times)
  const jobs = String(seconds.length).padStart(6)
  return `${kind.padEnd(13)}${count.padStart(7)}${jobs}${median.padStart(18)}${most.padStart(10)}`
}
