import { history } from '../../ledger/test/histories.ts'
import type { Opening } from '../../specs/index.ts'
import { Chance } from '../fuzz/chance.ts'
import { Disagreement, Duel } from './duel.ts'
import { happenings } from './happenings.ts'
import type { Tally } from './tally.ts'

/** Has a history of the ledger's own tests, of two chains, read twice. */
export function reread(seed: number, steps: number, opening: Opening, tally: Tally): void {
  const chance = new Chance(seed, 11)
  const duels = [new Duel(opening), new Duel(opening)]
  const made = history(Array.from({ length: steps * 10 }, () => chance.bits()))
  try {
    for (const { side, bytes, entry, refusal } of made) {
      const duel = duels[side] as Duel
      const before = duel.checker.book
      const broken = duel.take(bytes)
      if (broken !== undefined) tally.refuse(broken)
      else tally.take(happenings(entry.facts, before, duel.checker.book))
      if ((broken === undefined) === (refusal === undefined)) continue
      throw new Disagreement(`its maker: ${refusal?.detail}, checker: ${broken}`)
    }
  } catch (cause) {
    if (!(cause instanceof Disagreement)) throw cause
    throw new Disagreement(`seed ${seed} of the ledger's: ${cause.message}`, { cause })
  }
  tally.histories++
}
