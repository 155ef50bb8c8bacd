import { type Check, type Comparison, rowsOf } from '../comparison.ts'

/** What rounding may add up to in the amplitudes after some thousand gates. */
const rounding = 1e-10

/** Probabilities of both algorithms, which are known exactly. */
export const quantum: Check = {
  files: ['grover.csv', 'fourier.csv'],
  compare(texts): readonly Comparison[] {
    const rows = texts.map(rowsOf)
    return [
      ...grover(rows.filter(([row]) => row?.iteration !== undefined)),
      ...fourier(rows.filter(([row]) => row?.peak !== undefined)),
    ]
  },
}

type Rows = readonly Readonly<Record<string, number>>[]

function grover(runs: readonly Rows[]): readonly Comparison[] {
  const off = runs.flat().map(({ qubits = 0, iteration = 0, probability = Number.NaN }) => {
    const angle = Math.asin(2 ** (-qubits / 2))
    return Math.abs(probability - Math.sin((2 * iteration + 1) * angle) ** 2)
  })
  const failing = runs.map((rows) => {
    const { qubits = 0, probability = Number.NaN } = rows.at(-1) ?? {}
    return (1 - probability) * 2 ** qubits
  })
  return [
    exact('Grover: largest difference from the sine, over all iterations', off),
    {
      // Boyer, Brassard, Hoyer and Tapp: in the end it fails at most once in the size.
      what: 'Grover: chance to fail in the end, times the size of the register',
      found: most(failing),
      published: 0,
      within: 1,
    },
  ]
}

function fourier(runs: readonly Rows[]): readonly Comparison[] {
  const off = runs.flat().map(({ qubits = 0, period = 1, value = 0, probability = Number.NaN }) => {
    const size = 2 ** qubits
    const terms = Math.floor((size - 1 - Number(period > 1)) / period) + 1
    return Math.abs(probability - geometric((period * value) / size, terms) / (size * terms))
  })
  const shares = runs.flat().map(({ period = 1, probability = Number.NaN }) => probability * period)
  return [
    exact('Fourier: largest difference from the geometric series, over all peaks', off),
    {
      // Shor: at least 4 / pi^2, but for what the last, broken period of the register adds.
      what: 'Fourier: least share of a peak, 1 where the period divides the register',
      found: -most(shares.map((share) => -share)),
      published: 1,
      within: 1 - 4 / Math.PI ** 2 + 0.03,
    },
  ]
}

/** The square of a sum of as many waves, each some part of a turn after the one before. */
function geometric(turn: number, terms: number): number {
  const off = turn - Math.round(turn)
  if (off === 0) return terms ** 2
  return (Math.sin(Math.PI * off * terms) / Math.sin(Math.PI * off)) ** 2
}

function exact(what: string, off: readonly number[]): Comparison {
  return { what, found: most(off), published: 0, within: rounding }
}

function most(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : Math.max(...values)
}
