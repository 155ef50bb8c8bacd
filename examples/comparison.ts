/** What was found, beside what is published or known exactly, and how far apart they may lie. */
export interface Comparison {
  readonly what: string
  readonly found: number
  readonly published: number
  readonly within: number
}

/** How the outputs of a job are compared with what is published. */
export interface Check {
  /** What the files of a unit are called. */
  readonly files: readonly string[]
  /** Compares what the files of all units say, in whatever order they come. */
  readonly compare: (texts: readonly string[]) => readonly Comparison[]
}

/** Whether it agrees; what is no number, because there was nothing to find, does not. */
export function agrees({ found, published, within }: Comparison): boolean {
  return Math.abs(found - published) <= within
}

/** Standard errors that a mean may be off: one honest job in 16,000 is further off. */
export const errorsAllowed = 4

/** The mean of some values. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The standard error of their mean, as their own spread shows it. */
export function errorOf(values: readonly number[]): number {
  const mean = meanOf(values)
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return Math.sqrt(squares / (values.length - 1) / values.length)
}

/** The rows of a table of numbers, by the names in its first line. */
export function rowsOf(text: string): readonly Readonly<Record<string, number>>[] {
  const [head = '', ...lines] = text.trim().split('\n')
  const names = head.split(',')
  return lines.map((line) => {
    const values = line.split(',').map(Number)
    return Object.fromEntries(names.map((name, i) => [name, values[i] ?? Number.NaN]))
  })
}
