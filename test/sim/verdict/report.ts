import { type Attack, attackOf, optionsOf } from './attacks.ts'
import { type Counts, countEach, noCounts, redundancy, since, wrongShare } from './counts.ts'
import type { Options } from './options.ts'
import { World } from './world.ts'

/** How finely a run is followed. */
const parts = 50

/** What came of a run, or of some of them in the mean. */
export interface Report {
  readonly attack: string
  readonly units: number
  readonly counts: Counts
  /** The same for each fiftieth of the run. */
  readonly parts: readonly Counts[]
  /** Units paid for each execution, by kind of node. */
  readonly paid: readonly Paid[]
  readonly seconds: number
}

/** What a kind of node was paid. */
export interface Paid {
  readonly kind: string
  readonly honest: boolean
  readonly executions: number
  readonly units: number
}

/** Runs an attack. */
export function simulate(name: string, said: Partial<Options>): Report {
  const attack = attackOf(name)
  const options = optionsOf(attack, said)
  const world = new World(options, attack.honest, attack.others)
  const course: Counts[] = []
  const begun = performance.now()
  let before = noCounts()
  for (let unit = 0; unit < options.units; unit++) {
    world.step(unit)
    if (Math.floor(((unit + 1) * parts) / options.units) === course.length) continue
    course.push(since(world.counts, before))
    before = { ...world.counts }
  }
  return {
    attack: name,
    units: options.units,
    counts: world.counts,
    parts: course,
    paid: paidBy(attack, world),
    seconds: (performance.now() - begun) / 1000,
  }
}

/** The mean of some runs of one attack. */
export function meanOf(reports: readonly [Report, ...Report[]]): Report {
  const [first] = reports
  const mean = (of: (report: Report) => number) => {
    return reports.reduce((sum, report) => sum + of(report), 0) / reports.length
  }
  return {
    ...first,
    counts: countEach((key) => mean(({ counts }) => counts[key])),
    parts: first.parts.map((_, i) => {
      return countEach((key) => mean(({ parts }) => parts[i]?.[key] ?? 0))
    }),
    paid: first.paid.map((paid, i) => ({
      ...paid,
      executions: mean((report) => report.paid[i]?.executions ?? 0),
      units: mean((report) => report.paid[i]?.units ?? 0),
    })),
    seconds: mean(({ seconds }) => seconds),
  }
}

/** Units paid for each execution. */
export function paidShare(paid: readonly Paid[]): number {
  const sum = (of: (one: Paid) => number) => paid.reduce((all, one) => all + of(one), 0)
  return (
    sum(({ units }) => units) /
    Math.max(
      1,
      sum(({ executions }) => executions),
    )
  )
}

/** Whether a run keeps the bar of its attack; a control has to miss it by far. */
export function isAsExpected({ attack, counts }: Report): boolean {
  const { bar, mustFail } = attackOf(attack)
  if (mustFail === 'wrong') return wrongShare(counts) >= 10 * bar.wrong
  if (mustFail === 'honest') return counts.honestBans > 0
  const isRight = wrongShare(counts) <= bar.wrong && counts.honestBans === 0
  return isRight && redundancy(counts) <= bar.redundancy
}

function paidBy({ honest, others }: Attack, { population }: World): Paid[] {
  return [honest, ...others.map(({ kind }) => kind)].map((kind) => {
    const members = population.members.filter((one) => one.kind === kind)
    return {
      kind: kind.name,
      honest: kind.honest,
      executions: members.reduce((sum, one) => sum + one.executions, 0),
      units: members.reduce((sum, one) => sum + one.credit, 0),
    }
  })
}
