import type { Fact } from '../../specs/index.ts'

/** What was given to both readers in some histories. */
export class Tally {
  histories = 0
  taken = 0
  /** Entries of which one thing was made wrong, and that broke no rule all the same. */
  unharmed = 0
  /** Refusals by the rule that was broken. */
  readonly refused = new Map<string, number>()
  /** Facts of entries that were taken, by their kinds. */
  readonly facts = new Map<string, number>()

  /** Counts an entry, and the rule that it broke if it was not taken. */
  count(facts: readonly Fact[], broken: string | undefined): void {
    if (broken !== undefined) {
      this.refused.set(broken, (this.refused.get(broken) ?? 0) + 1)
      return
    }
    this.taken++
    for (const fact of facts) {
      const kind = fact.type === 'transfer' ? fact.purpose.type : fact.type
      this.facts.set(kind, (this.facts.get(kind) ?? 0) + 1)
    }
  }
}
