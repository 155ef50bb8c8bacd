import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { meshPage } from './html.ts'
import type { Outcome } from './outcome.ts'
import { isSwitch, type Switch, type Told } from './profile.ts'
import { Progress } from './progress.ts'
import { Report, reportLines } from './report.ts'
import { shrink } from './shrink.ts'
import type { Share } from './worker.ts'

const usage = `sim [--seeds N] [--seed S] [--without WHAT,...] [--minutes N] [--jobs N]
  [--threads N] [--keep-going] [--html FILE]

Runs whole meshes, one for each seed, and ends with 1 at a violation. What can be left out:
node:KIND, publisher:MANNER, job:KIND, fault:NAME. See test/sim/mesh/mesh.md.

sim verdict ...   the rules of verdicts against liars; sim verdict --help says more
sim mutate ...    rules that are broken to see who notices; sim mutate --help says more`

const options = {
  seeds: { type: 'string' },
  seed: { type: 'string' },
  without: { type: 'string', default: '' },
  minutes: { type: 'string' },
  jobs: { type: 'string' },
  threads: { type: 'string' },
  'keep-going': { type: 'boolean', default: false },
  html: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

/** Runs worlds as its arguments say, and writes what came of them. */
export async function meshCommand(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...argv], options })
  if (values.help) {
    console.log(usage)
    return
  }
  const first = wholeNumber('seed', values.seed ?? '1')
  const seeds = wholeNumber('seeds', values.seeds ?? (values.seed === undefined ? '200' : '1'))
  const told: Told = {
    without: values.without.split(',').filter(Boolean).map(switchOf),
    ...(values.minutes === undefined ? {} : { minutes: wholeNumber('minutes', values.minutes) }),
    ...(values.jobs === undefined ? {} : { jobs: wholeNumber('jobs', values.jobs) }),
  }
  const threads = wholeNumber('threads', values.threads ?? String(availableParallelism()))
  const report = new Report()
  await runAll({ first, end: first + seeds, step: threads, told }, report, values['keep-going'])
  console.log(reportLines(report).join('\n'))
  if (values.html !== undefined) writeFileSync(values.html, meshPage(report))
  const [failed, ...others] = report.failures
  if (failed === undefined) return
  process.exitCode = 1
  if (others.length > 0) console.log(`\nred too: ${others.map(({ seed }) => seed).join(', ')}`)
  tell(failed)
  console.log('\nlooking for a smaller world that fails ...')
  tell(shrink(failed.seed, told))
}

/** Runs the seeds of a share in as many threads as it has steps. */
async function runAll(share: Share, report: Report, keepsGoing: boolean): Promise<void> {
  const { first, end, step } = share
  using progress = new Progress(end - first)
  const lanes = Array.from({ length: Math.min(step, end - first) }, (_, i) => {
    const workerData: Share = { ...share, first: first + i }
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    worker.once('error', reject)
    worker.once('exit', () => resolve())
    return { worker, promise }
  })
  for (const { worker } of lanes) {
    worker.on('message', (outcome: Outcome) => {
      report.add(outcome)
      progress.reached(report.seeds, report.failures.length)
      if (outcome.failure === undefined || keepsGoing) return
      for (const lane of lanes) void lane.worker.terminate()
    })
  }
  await Promise.all(lanes.map(({ promise }) => promise))
}

function tell({ failure, seed, trace }: Outcome): void {
  if (failure === undefined) return
  console.log(`\nseed ${seed}, trace ${trace}`)
  for (const { at, who, what } of failure.lines) console.log(`  ${at} ${who}: ${what}`)
  console.log(failure.what)
  console.log(`\nrun it again: pnpm sim ${failure.again}`)
}

function wholeNumber(name: string, text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new Error(`--${name} is a whole number, not ${text}`)
  return Number(text)
}

function switchOf(text: string): Switch {
  if (!isSwitch(text)) throw new Error(`nothing is called ${text}`)
  return text
}
