/** Something to measure and, where there is one, the yardstick that it is measured against. */
export interface Measure {
  readonly name: string
  /** What one execution does; the number of the execution lets it use another input each time. */
  readonly run: (i: number) => unknown
  /** How many of what is measured one execution does, if not one. */
  readonly per?: number
  readonly beside?: { readonly name: string; readonly run: (i: number) => unknown }
}

/** What was measured: microseconds for one execution, the median over all rounds. */
export interface Figure {
  readonly name: string
  readonly us: number
  readonly perSecond: number
  readonly beside?: string
  readonly besideUs?: number
  /** The one median over the other: below 1 is faster than the yardstick. */
  readonly ratio?: number
}

const rounds = 201
const roundMs = 2
const warmMs = 150

/**
 * Measures each thing and its yardstick in turn, in many short rounds of the same run, so that a
 * busy moment of the machine falls on both; the median leaves such moments out.
 */
export function measured(measures: readonly Measure[]): Figure[] {
  return measures.map(({ name, run, per = 1, beside }) => {
    const runs = beside === undefined ? [run] : [run, beside.run]
    const clocks = runs.map(clockOf)
    const samples: number[][] = runs.map(() => [])
    for (let round = 0; round < rounds; round++) {
      globalThis.gc?.({ type: 'minor' })
      for (const [i, clock] of clocks.entries()) samples[i]?.push(clock())
    }
    const [all = 0, besideUs] = samples.map(median)
    const us = all / per
    const figure = { name, us, perSecond: Math.round(1e6 / us) }
    if (beside === undefined || besideUs === undefined) return figure
    return { ...figure, beside: beside.name, besideUs, ratio: us / besideUs }
  })
}

/** The figures as a table whose columns stand under each other. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, us, perSecond, beside, besideUs, ratio }) => [
    name,
    us.toFixed(2),
    perSecond.toLocaleString('en'),
    beside ?? '',
    besideUs?.toFixed(2) ?? '',
    ratio?.toFixed(2) ?? '',
  ])
  const head = ['what', 'us', 'a second', 'beside', 'us', 'ratio']
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => (row[i] as string).length)),
  )
  const texts = [0, 3]
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, i) => {
          const width = widths[i] as number
          return texts.includes(i) ? cell.padEnd(width) : cell.padStart(width)
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Makes a function that runs one round and gives its microseconds; that warms the code up. */
function clockOf(run: (i: number) => unknown): () => number {
  const until = performance.now() + warmMs
  let done = 0
  while (performance.now() < until) run(done++)
  const times = Math.max(1, Math.round((done / warmMs) * roundMs))
  return () => {
    const start = performance.now()
    for (let i = 0; i < times; i++) run(done++)
    return ((performance.now() - start) * 1000) / times
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number
}
