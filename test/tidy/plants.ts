/** A small tree with something planted in one of its files. */
export interface Plant {
  readonly rule: string
  readonly what: string
  readonly at: string
  readonly tree: Readonly<Record<string, string>>
}

/** Plants one file that breaks, or just does not break, a rule; others may stand around it. */
export function plant(
  rule: string,
  what: string,
  at: string,
  text: string,
  around: Readonly<Record<string, string>> = {},
): Plant {
  return { rule, what, at, tree: { ...around, [at]: text } }
}

/** A text of so many lines. */
export function lines(count: number, line: string): string {
  return `${line}\n`.repeat(count)
}

/** A `package.json` with the fields that the rules look at. */
export function manifest(name: string, fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ name, ...fields }, null, 2)
}
