import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { executionsPerRound, type Outcome } from './round.ts'
import { targets } from './target.ts'
import type { Finding } from './watch.ts'
import type { Share } from './worker.ts'

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
    seconds: { type: 'string', default: '3600' },
    round: { type: 'string' },
  },
})
for (const [name, value] of Object.entries(options)) {
  if (!/^[0-9]+$/.test(value)) throw new Error(`--${name} is a whole number, not ${value}`)
}

/** After so long without a sign a round hangs: it takes some 20 ms. */
const silentMs = 30_000

const seed = Number(options.seed)
const first = Number(options.round ?? 0)
const rounds =
  options.round === undefined ? Math.ceil(Number(options.runs) / executionsPerRound) : 1
const started = performance.now()
const done = { rounds: 0, accepted: 0, findings: 0 }

console.log(`seed ${seed}, ${targets.length} decoders, ${rounds * executionsPerRound} executions`)
const threads = Math.min(availableParallelism(), rounds)
const lanes = Array.from({ length: threads }, (_, i) => lane(first + i, threads))
const ticker = setInterval(tick, 1000)
await Promise.all(lanes.map(({ ended }) => ended))
clearInterval(ticker)
conclude()

interface Lane {
  readonly worker: Worker
  readonly ended: Promise<void>
  round: number
  heard: number
}

/** A thread and the rounds that it runs: which they are depends on the number of threads only. */
function lane(from: number, step: number): Lane {
  const share: Share = { seed, first: from, end: first + rounds, step }
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: share })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const made: Lane = { worker, ended: promise, round: from, heard: performance.now() }
  worker.on('message', (outcome: Outcome) => {
    made.round = outcome.round + step
    made.heard = performance.now()
    done.rounds++
    done.accepted += outcome.accepted
    for (const finding of outcome.findings) report(outcome.round, finding)
  })
  worker.once('error', reject)
  worker.once('exit', () => resolve())
  return made
}

function tick(): void {
  progress()
  for (const { round, heard } of lanes) {
    if (round >= first + rounds || performance.now() - heard < silentMs) continue
    const why = `round ${round} was silent for ${silentMs / 1000} s`
    const target = targets[round % targets.length]?.name ?? ''
    report(round, { target, face: 'bytes', why, input: 'which one is found by running it again' })
  }
  if (performance.now() - started > Number(options.seconds) * 1000) stop()
}

/** Says what was found and how to find it again; one finding ends the run. */
function report(round: number, { target, face, why, input }: Finding): void {
  if (done.findings++ > 0) return
  process.exitCode = 1
  console.error(`\n${target}: ${face} ${input}\n${why}`)
  console.error(`\nrun it again: pnpm fuzz --seed ${seed} --round ${round}`)
  stop()
}

function stop(): void {
  for (const { worker } of lanes) void worker.terminate()
}

function progress(): void {
  const seconds = (performance.now() - started) / 1000
  const executions = done.rounds * executionsPerRound
  const share = ((done.accepted / Math.max(1, executions)) * 100).toFixed(1)
  const rate = Math.round(executions / seconds)
  const line = `${executions} executions, ${share} % accepted, ${rate}/s, ${seconds.toFixed(0)} s`
  process.stderr.write(process.stderr.isTTY ? `\r${line}` : `${line}\n`)
}

function conclude(): void {
  progress()
  const executions = done.rounds * executionsPerRound
  const verdict = done.findings === 0 ? 'nothing found' : `${done.findings} findings`
  console.log(`seed ${seed}: ${executions} executions, ${verdict}`)
}
