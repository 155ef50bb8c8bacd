import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { kernelPath } from '../../node/executors/wasm/benchmark/benchmark.ts'
import { benchmarkTask } from '../../node/executors/wasm/benchmark/known.ts'
import { Child } from '../../node/executors/wasm/pool/child-slot.ts'
import { Pool } from '../../node/executors/wasm/pool/pool.ts'
import { admit } from '../../node/executors/wasm/run/module.ts'
import { type Module, run } from '../../node/executors/wasm/run/run.ts'
import type { Task } from '../../node/executors/wasm/run/task.ts'
import type { Figure } from './harness.ts'

const rounds = 15
const unitsPerRound = 200
const never = new AbortController().signal

/**
 * What a unit costs beyond what it computes. A warm unit that computes nothing, beside the same run
 * in the process that asks, and beside a message to a child and back; units of 50 ms, beside the
 * same in this process; and the start of a child, beside the start of an empty one.
 */
export async function figures(): Promise<Figure[]> {
  // As a child does it: both sides of each comparison are compiled alike.
  setFlagsFromString('--no-liftoff')
  await using pool = new Pool(2)
  await using echo = await openEcho()
  const module = admittedKernel()
  const nothing = benchmarkTask(0)
  const long = benchmarkTask(await roundsOf(50, module))
  const here = (task: Task) => run(task, new Map([['benchmark', module]]), () => undefined)
  const inPool = (task: Task, key = 'a') => pool.run(task, { ...options, key })
  const both = (task: Task) => Promise.all([inPool(task, 'a'), inPool(task, 'b')])
  return [
    await compared('a unit that computes nothing', unitsPerRound, () => inPool(nothing), {
      name: 'a message to a child and back',
      run: () => echo.ask(nothing),
    }),
    await compared('the same', unitsPerRound, () => inPool(nothing), {
      name: 'run in this process',
      run: async () => here(nothing),
    }),
    await compared('two at one time, both', unitsPerRound, () => both(nothing), {
      name: 'run in this process, one by one',
      run: async () => [here(nothing), here(nothing)],
    }),
    await compared('a unit of 50 ms', 4, () => inPool(long), {
      name: 'run in this process',
      run: async () => here(long),
    }),
    await compared('two of 50 ms at one time', 4, () => both(long), {
      name: 'run in this process, one by one',
      run: async () => [here(long), here(long)],
    }),
    await compared('the start of a child', 1, startChild, {
      name: 'of an empty one',
      run: async () => (await openEcho())[Symbol.asyncDispose](),
    }),
  ]
}

const options = {
  deadlineMs: 60_000,
  signal: never,
  onLog: () => undefined,
  module: async () => new Uint8Array(readFileSync(kernelPath)),
}

async function compared(
  name: string,
  times: number,
  subject: () => Promise<unknown>,
  beside: { readonly name: string; readonly run: () => Promise<unknown> },
): Promise<Figure> {
  const samples: [number[], number[]] = [[], []]
  for (let round = -1; round < rounds; round++) {
    for (const [i, run] of [subject, beside.run].entries()) {
      const start = performance.now()
      for (let time = 0; time < times; time++) await run()
      const us = ((performance.now() - start) * 1000) / times
      // The first round warms up.
      if (round >= 0) samples[i]?.push(us)
    }
  }
  const [us, besideUs] = samples.map(quiet) as [number, number]
  const perSecond = Math.round(1e6 / us)
  return { name, us, perSecond, beside: beside.name, besideUs, ratio: us / besideUs }
}

/** What a quarter of the rounds stayed below: those in which others left the machine alone. */
function quiet(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 2] as number
}

function admittedKernel(): Module {
  const { memoryBytesMax } = benchmarkTask(0)
  const answer = admit(new Uint8Array(readFileSync(kernelPath)), memoryBytesMax)
  if ('failed' in answer) throw new Error(`the kernel was not compiled: ${answer.failed}`)
  return answer.module
}

/** Rounds of the benchmark that take so many milliseconds here. */
async function roundsOf(ms: number, module: Module): Promise<number> {
  const tried = 1000
  const modules = new Map([['benchmark', module]])
  run(benchmarkTask(tried), modules, () => undefined)
  const start = performance.now()
  run(benchmarkTask(tried), modules, () => undefined)
  return Math.round((tried * ms) / (performance.now() - start))
}

async function startChild(): Promise<void> {
  const child = new Child()
  await child.ready
  child.close()
  await child.ended
}

/** A child that says back what it hears, by the same kind of channel. */
async function openEcho(): Promise<AsyncDisposable & { ask(task: Task): Promise<unknown> }> {
  const path = fileURLToPath(new URL('./echo.ts', import.meta.url))
  const child = fork(path, [], { execArgv: [], env: {}, serialization: 'advanced' })
  await once(child, 'message')
  return {
    async ask(task) {
      child.send(task)
      return await once(child, 'message')
    },
    async [Symbol.asyncDispose]() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}
