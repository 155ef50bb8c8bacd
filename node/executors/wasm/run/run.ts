import { ended, exported } from '@nexapod/specs/wasm'
import type { Ended, OnLog } from '../../executor.ts'
import { bounded } from '../../log.ts'
import { Chance } from '../host/chance.ts'
import { right } from '../host/codes.ts'
import { type Descriptor, descriptorOf } from '../host/descriptors.ts'
import { Ending, type Why } from '../host/ending.ts'
import { Host } from '../host/host.ts'
import { Meter } from '../host/meter.ts'
import { Directory, File, Quota } from '../host/tree.ts'
import { Sandbox } from './sandbox.ts'
import type { Failed, Program, Ran, Task } from './task.ts'

/** A module that was prepared and compiled; or one that the profile refuses. */
export type Module =
  | { readonly compiled: WebAssembly.Module; readonly imports: readonly string[] }
  | 'refused'

type Stop = Exclude<Ended, { readonly type: 'exit' }>['type'] | { readonly code: number } | Failed

/** Runs the programs of a unit, one after the other, each in an instance of its own. */
export function run(task: Task, modules: ReadonlyMap<string, Module>, onLog: OnLog): Ran | Failed {
  const meter = new Meter(task.fuel)
  const state: Unit = { task, meter, chance: new Chance(task.seed), onLog: bounded(onLog), peak: 0 }
  let last: Ended = { type: 'trap', executor: 0 }
  try {
    const quota = new Quota(task.fileBytesMax)
    const sandbox = new Sandbox(quota, task)
    for (const [executor, program] of task.programs.entries()) {
      const module = modules.get(program.module)
      if (module === undefined) throw new Error(`the module ${program.module} was not given`)
      const stop = runProgram(state, sandbox, quota, program, module)
      if (typeof stop !== 'string' && 'reason' in stop) return stop
      last =
        typeof stop === 'string'
          ? { type: stop, executor }
          : { type: 'exit', executor, code: stop.code }
      if (!goesOn(last, program)) break
    }
    const outputs = task.outputs.flatMap((output) => sandbox.collect(output) ?? [])
    const ramBytesPeak = state.peak + quota.bytesMost
    return { type: 'ran', ended: last, fuel: Number(meter.used), outputs, ramBytesPeak }
  } catch (cause) {
    // Room for a file that the unit may have and the machine has not.
    if (cause instanceof RangeError) return { type: 'failed', reason: 'memory' }
    throw cause
  }
}

interface Unit {
  readonly task: Task
  readonly meter: Meter
  readonly chance: Chance
  readonly onLog: OnLog
  peak: number
}

/** Whether the next program runs. Fuel and room are of the whole unit: without them none can. */
function goesOn(last: Ended, { ignoreError }: Program): boolean {
  if (last.type === 'exit' && last.code === 0) return true
  return ignoreError && last.type !== 'out-of-fuel' && last.type !== 'output-limit'
}

function runProgram(
  unit: Unit,
  sandbox: Sandbox,
  quota: Quota,
  program: Program,
  module: Module,
): Stop {
  // A function of the module like any trap, before the first instruction and without fuel.
  if (module === 'refused') return 'trap'
  const { meter, chance, task } = unit
  let host: Host
  try {
    host = new Host(
      {
        meter,
        chance,
        quota,
        args: ['program', ...program.args],
        variables: program.variables,
        held: heldBy(sandbox, program, unit.onLog),
        epochNs: BigInt(task.epochMs) * 1_000_000n,
      },
      module.imports,
    )
  } catch (cause) {
    return stopOf(cause, meter)
  }
  let memory: WebAssembly.Memory | undefined
  try {
    const { exports } = new WebAssembly.Instance(module.compiled, host.imports)
    memory = exports[exported.memory] as WebAssembly.Memory
    host.attach(exports)
    const start = exports[exported.start] as () => void
    start()
    return meter.isOut ? 'out-of-fuel' : { code: 0 }
  } catch (cause) {
    return stopOf(cause, meter)
  } finally {
    unit.peak = Math.max(unit.peak, memory?.buffer.byteLength ?? 0)
    host.close()
  }
}

/** How a program ended that did not return, in the order of the profile. */
function stopOf(cause: unknown, meter: Meter): Stop {
  const overflown = cause instanceof RangeError
  if (meter.why === ended.noMemory || overflown) return { type: 'failed', reason: 'memory' }
  if (meter.isOut) return 'out-of-fuel'
  if (cause instanceof Ending) return endingOf(cause.why)
  if (meter.why === ended.stackLimit) return 'stack-limit'
  if (cause instanceof WebAssembly.RuntimeError) return 'trap'
  throw cause
}

function endingOf(why: Why): Stop {
  switch (why.type) {
    case 'exit':
      return { code: why.code }
    case 'calls':
      return 'trap'
    default:
      return why.type
  }
}

/**
 * What a program holds when it begins: its streams, the four directories, and where it stands, as
 * `.`, which is what a path without a slash in front is looked up in.
 */
function heldBy(sandbox: Sandbox, program: Program, onLog: OnLog): Descriptor[] {
  const { stdin, stdout, stderr, workdir } = program
  const given = stdin === undefined ? undefined : sandbox.at(stdin)
  const input = descriptorOf(given instanceof File ? given : { type: 'stream' })
  if (given instanceof File) input.rights &= ~writingRights
  const directories = ['/in', '/out', '/scratch', '/tmp'].map((path) => [path, path] as const)
  const places = [...directories, ['.', workdir ?? '/'] as const]
  return [
    input,
    streamTo(sandbox, stdout, (bytes) => onLog(1, bytes)),
    streamTo(sandbox, stderr, (bytes) => onLog(2, bytes)),
    ...places.map(([name, path]) => {
      const node = sandbox.at(path)
      return descriptorOf(node instanceof Directory ? node : sandbox.root, name)
    }),
  ]
}

const writingRights = right.write | right.allocate | right.setSize | right.setTimes

/** A stream of a program: a new file where its job names one, else something for the log. */
function streamTo(
  sandbox: Sandbox,
  path: string | undefined,
  write: (bytes: Uint8Array) => void,
): Descriptor {
  const file = path === undefined ? undefined : sandbox.fresh(path)
  return descriptorOf(file ?? { type: 'stream', write })
}
