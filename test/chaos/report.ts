import type { Event } from './history.ts'
import { kindNames } from './plan.ts'
import type { Went } from './run.ts'

/** What came of a run, for whoever watched it. */
export function report(went: Went): string[] {
  const { took, events, anomalies, counts, seconds } = went
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
    const times = [...spans.values()].filter((span) => span.kind === kind).length
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
    ...weights(events),
    '',
    `${seconds} s, ${spans.size} faults`,
    `${jobs} jobs acknowledged, ${took.length} told to have ended`,
    `${refused.length} not taken: ${codes}`,
    `${accepted} units accepted, ${dead} dead; ${receipts} receipts acknowledged, ${cut} cut off`,
    `${paid} executions paid once, ${micro} micro-credits`,
    `${entries} entries, ${reads} reads while it ran`,
    `${chains(events)}; ${longest(events)} s at most without a receipt while a job was open`,
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

/** Of each coordinator: memory in the middle of each quarter, and what it had at the end. */
function weights(events: readonly Event[]): string[] {
  const all = events.filter((event) => event.type === 'weighs')
  const mib = (bytes: number | undefined) => String(Math.round((bytes ?? 0) / 2 ** 20)).padStart(6)
  const lines = Object.entries(Object.groupBy(all, ({ name }) => name)).flatMap(
    ([name, weighed = []]) => {
      const last = weighed.at(-1)
      if (last === undefined) return []
      const memory = [1, 3, 5, 7].map((eighth) => {
        return mib(weighed[Math.floor((weighed.length * eighth) / 8)]?.memoryBytes)
      })
      const most = mib(Math.max(...weighed.map(({ memoryBytes }) => memoryBytes)))
      const chains = `${String(last.writes).padStart(6)}${String(last.follows).padStart(8)}`
      return [`${name.padEnd(13)}${memory.join('')}${most}${mib(last.diskBytes)}${chains}`]
    },
  )
  return ['MiB of memory in each quarter, the most, of disk; chains written, followed', ...lines]
}

/** How many chains there are at the end, and how often one was ended by a quorum. */
function chains(events: readonly Event[]): string {
  const entries = events.filter((event) => event.type === 'entry')
  const seals = entries.flatMap(({ facts }) => facts.filter(({ f }) => f === 'seal'))
  const forks = new Set(events.flatMap((one) => (one.type === 'proven' ? [one.chain] : [])))
  const { size } = new Set(entries.map(({ chain }) => chain))
  return `${size} chains, ${seals.length} epochs sealed, ${forks.size} forks proven`
}

/** The longest time in which no receipt was acknowledged, although a job was open. */
function longest(events: readonly Event[]): number {
  let [open, since, most] = [0, 0, 0]
  for (const { at, type } of events) {
    if (type !== 'published' && type !== 'ended' && type !== 'acknowledged') continue
    if (open > 0) most = Math.max(most, at - since)
    since = at
    if (type === 'published') open++
    if (type === 'ended') open--
  }
  return Math.round(most / 1000)
}
