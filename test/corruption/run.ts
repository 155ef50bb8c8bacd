import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeBase, type Outcome } from './trial.ts'
import type { Order } from './worker.ts'

/** Runs the cases of these seeds in workers: LevelDB can end a process on a bad byte. */
export async function run(seeds: readonly number[]): Promise<Outcome[]> {
  const root = await mkdtemp(join(tmpdir(), 'nexapod-corruption-'))
  try {
    const base = join(root, 'base')
    await makeBase(base)
    const left = [...seeds]
    const lanes = Array.from({ length: availableParallelism() }, (_, i) =>
      work(left, base, join(root, `case-${i}`)),
    )
    const done = await Promise.allSettled(lanes)
    const failed = done.find((lane) => lane.status === 'rejected')
    if (failed) throw new Error('a lane failed', { cause: failed.reason })
    const all = done.flatMap((lane) => (lane.status === 'fulfilled' ? lane.value : []))
    return all.sort((a, b) => a.seed - b.seed)
  } finally {
    await rm(root, { recursive: true })
  }
}

async function work(seeds: number[], base: string, directory: string): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  let worker = started()
  for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
    let outcome: Outcome | undefined
    for (const mode of ['here', 'careful', 'only mend'] as const) {
      outcome = await ordered(worker, { base, directory, seed, mode })
      if (outcome !== undefined) break
      worker = started()
    }
    if (outcome === undefined) throw new Error(`seed ${seed} ended three workers`)
    outcomes.push(outcome)
  }
  worker.disconnect()
  return outcomes
}

function started() {
  const program = fileURLToPath(new URL('./worker.ts', import.meta.url))
  const stdio = ['ignore', 'ignore', 'ignore', 'ipc'] as const
  return fork(program, [], { execArgv: [], serialization: 'advanced', stdio: [...stdio] })
}

async function ordered(
  worker: ReturnType<typeof started>,
  order: Order,
): Promise<Outcome | undefined> {
  const gone = new AbortController()
  const leave = () => gone.abort()
  worker.once('exit', leave)
  try {
    worker.send(order)
    const [outcome] = await once(worker, 'message', { signal: gone.signal })
    return outcome
  } catch (error) {
    if (gone.signal.aborted) return undefined
    throw error
  } finally {
    worker.off('exit', leave)
  }
}

/** The outcomes as a table: what was done to what, and what became of it. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = new Map<string, Outcome[]>()
  for (const one of outcomes) {
    const key = `${one.target.padEnd(8)} ${one.deed.padEnd(8)}`
    rows.set(key, [...(rows.get(key) ?? []), one])
  }
  const lines = [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, some]) => lineOf(key, some))
  const title =
    'target   deed     cases  opening  reading  harmless  unseen  repaired  bare: silent  ended'
  return [title, ...lines, lineOf('all'.padEnd(17), outcomes)].join('\n')
}

function lineOf(key: string, some: readonly Outcome[]): string {
  const count = (is: (one: Outcome) => boolean) => some.filter(is).length
  const cells: readonly (readonly [width: number, value: number])[] = [
    [5, some.length],
    [9, count((one) => one.found === 'opening')],
    [9, count((one) => one.found === 'reading')],
    [10, count((one) => one.found === 'harmless')],
    [8, count((one) => one.found === 'UNSEEN')],
    [10, count((one) => one.repaired === 'repaired')],
    [14, count((one) => one.bare === 'silent loss')],
    [7, count((one) => one.bare === 'ended the process')],
  ]
  return `${key} ${cells.map(([width, value]) => String(value).padStart(width)).join('')}`
}
