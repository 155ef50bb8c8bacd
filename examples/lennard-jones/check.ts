import {
  type Check,
  type Comparison,
  errorOf,
  errorsAllowed,
  meanOf,
  rowsOf,
} from '../comparison.ts'

/** What NIST has for a density at two temperatures, and the larger of its deviations. */
interface Published {
  readonly density: number
  readonly energy: readonly [cold: number, warm: number]
  readonly energyDeviation: number
  readonly pressure: readonly [cold: number, warm: number]
  readonly pressureDeviation: number
}

const cold = 0.85
const warm = 0.9

const published: readonly Published[] = [
  {
    density: 0.776,
    energy: [-5.5121, -5.4689],
    energyDeviation: 4.55e-4,
    pressure: [6.7714e-3, 2.4056e-1],
    pressureDeviation: 2.74e-3,
  },
  {
    density: 0.86,
    energy: [-6.0305, -5.9753],
    energyDeviation: 2.38e-3,
    pressure: [1.266, 1.5781],
    pressureDeviation: 1.36e-2,
  },
]

/** Energy and pressure of the liquid at two densities, and whether energy was kept. */
export const lennardJones: Check = {
  files: ['liquid.csv'],
  compare(texts): readonly Comparison[] {
    const rows = texts.flatMap(rowsOf)
    const swings = rows.map(({ swing = Number.NaN }) => swing)
    return [
      ...published.flatMap((known) => {
        return liquid(
          known,
          rows.filter(({ density }) => density === known.density),
        )
      }),
      {
        what: 'swing of the energy of an atom in the worst run',
        found: swings.length === 0 ? Number.NaN : Math.max(...swings),
        published: 0,
        within: 1e-3,
      },
    ]
  },
}

function liquid(known: Published, rows: readonly Readonly<Record<string, number>>[]) {
  const off = (name: 'energy' | 'pressure') => {
    // A run keeps its energy, so that its temperature is what comes of it.
    return rows.map(({ temperature = Number.NaN, [name]: found = Number.NaN }) => {
      const [atCold, atWarm] = known[name]
      return found - atCold - ((temperature - cold) / (warm - cold)) * (atWarm - atCold)
    })
  }
  return [
    compared(`energy of an atom at density ${known.density}`, off('energy'), known.energyDeviation),
    compared(`pressure at density ${known.density}`, off('pressure'), known.pressureDeviation),
  ].map((one): Comparison => ({ ...one, what: `${one.what}, less that of NIST` }))
}

function compared(what: string, off: readonly number[], deviation: number): Comparison {
  const within = errorsAllowed * Math.hypot(errorOf(off), deviation)
  return { what, found: meanOf(off), published: 0, within }
}
