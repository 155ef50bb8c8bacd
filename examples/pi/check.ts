import { type Check, type Comparison, errorsAllowed, rowsOf } from '../comparison.ts'

/** Pi itself, and whether the units differ from one another as much as chance would have it. */
export const pi: Check = {
  files: ['pi.csv'],
  compare(texts): readonly Comparison[] {
    const units = texts.flatMap(rowsOf).map(({ points = 0, inside = 0 }) => ({ points, inside }))
    const points = units.reduce((sum, unit) => sum + unit.points, 0)
    const inside = units.reduce((sum, unit) => sum + unit.inside, 0)
    // Each point is inside or not: a binomial distribution, whose spread is known beforehand.
    const share = Math.PI / 4
    const variance = share * (1 - share)
    const spread = units.reduce((sum, unit) => {
      return sum + (unit.inside - unit.points * share) ** 2 / (unit.points * variance)
    }, 0)
    return [
      {
        what: 'pi',
        found: (4 * inside) / points,
        published: Math.PI,
        within: errorsAllowed * 4 * Math.sqrt(variance / points),
      },
      {
        what: 'spread of the units, as a part of what chance gives',
        found: spread / units.length,
        published: 1,
        within: errorsAllowed * Math.sqrt(2 / units.length),
      },
    ]
  },
}
