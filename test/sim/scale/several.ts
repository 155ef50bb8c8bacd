import { msOfVerify, together } from './beside.ts'
import { type Followed, followed, type Recorded, recorded } from './recorded.ts'

/** One coordinator of several: what it wrote, and what it takes another to follow that. */
interface Work {
  readonly record: Recorded
  readonly follow: Followed
}

/** Units that a step decides at a coordinator that has all it can do: what 20 ms bring there. */
const perStep = 60
/** How long a node is with a unit, which two of them do. */
const unitMs = 2 * 30_000

/** How much less than linear is as good as linear. */
const within = 0.1

/** One, two and three coordinators with the same nodes and units: scale.md says what counts. */
export async function several(nodes: number, units: number): Promise<void> {
  const verifyMs = msOfVerify()
  const all: (readonly Work[])[] = []
  for (const count of [1, 2, 3]) all.push(await worksOf(count, nodes, units))
  const rates = (cores: (count: number) => number) => {
    return all.map((works) => rateOf(works, verifyMs, cores(works.length)))
  }
  const linear = linearOf(rates((count) => count))
  const isLinear = linear.every((part) => part >= 1 - within)
  const said = linear.map((part, i) => `${percent(part)} with ${i + 1}`).slice(1)
  console.log(
    `${isLinear ? 'within' : 'NOT within'} ${percent(within)} of linear where each has as many`,
    `cores as there are coordinators: ${said.join(', ')}\n`,
  )
  tell(['coordinators', 'own us', 'pass us', 'learn us', '1 core', '2 cores', '3 cores'])
  const byCores = [1, 2, 3].map((cores) => rates(() => cores))
  for (const [i, works] of all.entries()) {
    const us = (ms: (work: Work) => number) => {
      return ((sum(works, ms) * 1000) / sum(works, unitsOf)).toFixed(1)
    }
    const cells = byCores.map((some) => `${some[i]?.toFixed(0)} (${percent(linearOf(some)[i])})`)
    const own = us(({ record }) => ownMs(record, verifyMs))
    const [pass, learn] = [us(({ follow }) => follow.passMs), us(({ follow }) => follow.learnMs)]
    tell([`${i + 1}`, own, pass, learn, ...cells])
  }
  const [, [one] = []] = all
  if (one !== undefined) console.log(`\n${await together(one.record, verifyMs)}`)
  if (!isLinear) process.exitCode = 1
}

/** The coordinators of a mesh, one after the other: each with its part of nodes and units. */
async function worksOf(count: number, nodes: number, units: number): Promise<readonly Work[]> {
  const works: Work[] = []
  const each = { nodes: Math.ceil(nodes / count), units: Math.ceil(units / count) }
  const jobs = Math.max(1, Math.min(100, Math.floor(each.units / 100)))
  const tickMs = (perStep * unitMs) / each.nodes
  for (let number = 0; number < count; number++) {
    const record = await recorded({ ...each, jobs, atOnce: 1, number, tickMs })
    works.push({ record, follow: await followed(record) })
    console.error(`of ${count} coordinators, ${number + 1} wrote and were followed`)
  }
  return works
}

/** Units that all decide in a second, if each coordinator has so many cores: the slowest counts. */
function rateOf(works: readonly Work[], verifyMs: number, cores: number): number {
  const slowest = works.map(({ record }, i) => {
    const others = works.filter((_, j) => j !== i)
    const judge = ownMs(record, verifyMs) + sum(others, ({ follow }) => follow.passMs)
    // A thread for each other core, which share the chains; and one even where there is none.
    const threads = Array.from({ length: Math.max(1, cores - 1) }, (_, thread) => {
      return sum(
        others.filter((_, at) => at % Math.max(1, cores - 1) === thread),
        ({ follow }) => follow.learnMs,
      )
    })
    return cores === 1 ? judge + (threads[0] ?? 0) : Math.max(judge, ...threads)
  })
  return sum(works, unitsOf) / (Math.max(...slowest) / 1000)
}

/** Rates of one, two and so on, in parts of as many times that of one. */
function linearOf(rates: readonly number[]): readonly number[] {
  return rates.map((rate, i) => rate / ((rates[0] ?? rate) * (i + 1)))
}

/** What a coordinator's own units take the thread that judges. */
function ownMs({ coreMs, signatures, storeMs }: Recorded, verifyMs: number): number {
  return coreMs + signatures * verifyMs + storeMs
}

function unitsOf({ record }: Work): number {
  return record.units
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((so, one) => so + of(one), 0)
}

function percent(part = 0): string {
  return `${(part * 100).toFixed(0)} %`
}

function tell(cells: readonly string[]): void {
  const widths = [12, 8, 8, 9, 14, 14, 14]
  console.log(cells.map((cell, i) => cell.padStart(widths[i] ?? 14)).join(' '))
}
