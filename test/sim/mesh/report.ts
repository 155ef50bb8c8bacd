import type { Fortune, Outcome } from './outcome.ts'

/** What came of many worlds. */
export class Report {
  seeds = 0
  events = 0
  virtualMs = 0
  wrong = 0
  readonly failures: Outcome[] = []
  readonly counts = new Map<string, number>()
  readonly latencies: number[] = []
  readonly fortunes = new Map<string, Fortune>()

  add(outcome: Outcome): void {
    this.seeds++
    this.events += outcome.events
    this.virtualMs += outcome.virtualMs
    this.wrong += outcome.wrong
    if (outcome.failure !== undefined) this.failures.push(outcome)
    for (const [what, count] of Object.entries(outcome.counts)) {
      this.counts.set(what, (this.counts.get(what) ?? 0) + count)
    }
    for (const ms of outcome.latencies) this.latencies.push(ms)
    for (const [kind, fortune] of Object.entries(outcome.fortunes)) this.#join(kind, fortune)
  }

  /** Of all first verdicts, the time below which so many of a thousand were. */
  latencyAt(permille: number): number {
    const sorted = this.latencies.sort((a, b) => a - b)
    return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * permille) / 1000))] ?? 0
  }

  /** The counts whose names begin with a word, without it, the largest first. */
  countsOf(word: string): [string, number][] {
    return [...this.counts]
      .filter(([what]) => what.startsWith(`${word} `))
      .map(([what, count]): [string, number] => [what.slice(word.length + 1), count])
      .sort(([, a], [, b]) => b - a)
  }

  #join(kind: string, { nodes, micro, kept, strikes, banned }: Fortune): void {
    const sum = this.fortunes.get(kind) ?? { nodes: 0, micro: 0, kept: 0, strikes: 0, banned: 0 }
    sum.nodes += nodes
    sum.micro += micro
    sum.kept += kept
    sum.strikes += strikes
    sum.banned += banned
    this.fortunes.set(kind, sum)
  }
}

/** A report as lines of text. */
export function reportLines(report: Report): string[] {
  const { seeds, events, virtualMs, failures, fortunes, wrong } = report
  const latencies = [500, 900, 990].map((at) => seconds(report.latencyAt(at)))
  const hours = (virtualMs / 3_600_000).toFixed(1)
  const lines = [
    `${seeds} worlds, ${failures.length} violations`,
    `${events} events in ${hours} virtual hours`,
    `first verdicts after ${latencies.join(', ')} (half, nine tenths, 99 of 100)`,
    `${wrong} units wrong where a plain quorum was asked for, none elsewhere`,
  ]
  for (const word of ['fault', 'fact', 'decided', 'answer', 'dropped']) {
    const counts = report.countsOf(word).map(([what, count]) => `${what} ${count}`)
    if (counts.length > 0) lines.push(`${word}: ${counts.join(', ')}`)
  }
  lines.push('', row('nodes', 'number', 'credit each', 'kept each', 'strikes', 'banned'))
  for (const [kind, { nodes, micro, kept, strikes, banned }] of sortedFortunes(fortunes)) {
    const each = (all: number) => String(Math.round(all / nodes))
    lines.push(row(kind, String(nodes), each(micro), each(kept), String(strikes), String(banned)))
  }
  return lines
}

/** Fortunes in the order of what a node got. */
export function sortedFortunes(fortunes: ReadonlyMap<string, Fortune>): [string, Fortune][] {
  const each = ({ micro, kept, nodes }: Fortune) => (micro + kept) / nodes
  return [...fortunes].sort(([, a], [, b]) => each(b) - each(a))
}

/** Milliseconds as seconds. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

function row(first: string, ...others: string[]): string {
  return [first.padEnd(12), ...others.map((text) => text.padStart(12))].join('')
}
