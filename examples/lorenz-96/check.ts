import { type Check, type Comparison, errorOf, errorsAllowed, meanOf } from '../comparison.ts'

interface Member {
  readonly mean: number
  readonly deviation: number
  readonly exponents: readonly number[]
}

/** The deviation that codes for data assimilation have for the climate of this model. */
const deviation = 3.6414723

/** Energy neither grows nor dies out: the mean square is the forcing times the mean. */
const mean = 4 - Math.sqrt(16 - deviation ** 2)

/** The climate of the model, and how fast errors in it grow. */
export const lorenz96: Check = {
  files: ['climate.json'],
  compare(texts): readonly Comparison[] {
    const members = texts.map((text): Member => JSON.parse(text))
    const spectra = members.map(({ exponents }) => exponents)
    const leading = spectra.map(([first = Number.NaN]) => first)
    const days = leading.map((exponent) => (5 * Math.LN2) / exponent)
    const positive = (spectra[0] ?? []).filter((_, n) => {
      const values = spectra.map((exponents) => exponents[n] ?? Number.NaN)
      return meanOf(values) > errorsAllowed * errorOf(values)
    })
    const sums = spectra.map((exponents) => exponents.reduce((sum, one) => sum + one, 0))
    return [
      // Published to one digit after the point.
      near('days in which a small error doubles', days, 2.1, 0.05),
      near('dimension of the attractor', spectra.map(dimensionOf), 27.1, 0.05),
      {
        what: 'directions in which errors grow',
        found: members.length === 0 ? Number.NaN : positive.length,
        published: 13,
        within: 0,
      },
      // Every value dies out at rate 1, so volumes shrink at rate 40; steps of 6 hours cost 0.01.
      near('sum of the exponents', sums, -40, 0.02),
      near(
        'mean of the climate',
        members.map((one) => one.mean),
        mean,
        0.001,
      ),
      near(
        'deviation of the climate',
        members.map((one) => one.deviation),
        deviation,
        0.001,
      ),
    ]
  },
}

function near(what: string, values: readonly number[], published: number, beside: number) {
  const within = errorsAllowed * errorOf(values) + beside
  return { what, found: meanOf(values), published, within }
}

/** The dimension by Kaplan and Yorke: so many directions that volumes in them do not shrink. */
function dimensionOf(exponents: readonly number[]): number {
  let sum = 0
  for (const [n, exponent] of exponents.entries()) {
    if (sum + exponent < 0) return n - sum / exponent
    sum += exponent
  }
  return exponents.length
}
