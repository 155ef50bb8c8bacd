/** What was given to both readers in some histories. */
export class Tally {
  histories = 0
  taken = 0
  /** Entries of which one thing was made wrong, and that broke no rule all the same. */
  unharmed = 0
  /** Refusals by the rule that was broken. */
  readonly refused = new Map<string, number>()
  /** What happened in entries that were taken. */
  readonly happened = new Map<string, number>()

  /** Counts an entry that was taken, and what happened in it. */
  take(happened: readonly string[]): void {
    this.taken++
    for (const what of happened) add(this.happened, what)
  }

  /** Counts an entry that broke a rule. */
  refuse(rule: string): void {
    add(this.refused, rule)
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
