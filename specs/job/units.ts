import { digestOf, encode } from '../bytes/bytes.ts'
import { type Digest, digest, digestText, type JobId } from '../id/id.ts'
import { limits } from '../limits.ts'
import { type Answer, accept, refuse } from '../refusal/refusal.ts'
import { int } from '../schema/scalar.ts'
import { struct } from '../schema/struct.ts'
import type { Executor, Input, Job } from './job.ts'
import { unitCount, valueAt, valueCount } from './sweep.ts'
import { filled, unitParameter } from './template.ts'

/** The piece of a job that one quorum decides, with its parameters filled in. */
export interface Unit {
  readonly index: number
  readonly parameters: Readonly<Record<string, string>>
  readonly executors: readonly Executor[]
  readonly inputs: readonly Input[]
}

/** The units of a job. None is made before it is asked for. */
export interface Units extends Iterable<Unit> {
  readonly count: number
  at(index: number): Unit
}

/** The units of a job, up to ten million of them, without a list. */
export function units(job: Job): Units {
  const count = unitCount(job.sweep)
  function at(index: number): Unit {
    if (!Number.isInteger(index) || index < 0 || index >= count) {
      throw new RangeError(`the job has units 0 to ${count - 1}, not ${index}`)
    }
    return unitAt(job, index)
  }
  return {
    count,
    at,
    *[Symbol.iterator]() {
      for (let index = 0; index < count; index++) yield at(index)
    },
  }
}

/** The name of a unit: `<job>/<index>`. */
export function unitText(job: JobId, unit: number): string {
  return `${job}/${unit}`
}

/** The job and index in the name of a unit. */
export function parseUnit(text: string): Answer<{ job: JobId; unit: number }> {
  const match = /^([0-9a-f]{64})\/(0|[1-9][0-9]{0,6})$/.exec(text)
  if (match === null) {
    return refuse('document.form', { detail: 'expected <job>/<index>, a digest and a number' })
  }
  return accept({ job: match[1] as JobId, unit: Number(match[2]) })
}

const seeded = struct({
  job: digest<JobId>(),
  unit: int({ min: 0, max: limits.sweepUnitsMax - 1 }),
})

/** The seed of all chance in a unit: the same for every replica, another for every unit. */
export function unitSeed(job: JobId, unit: number): Digest {
  return digestText(digestOf('nexapod/unit-seed/1', encode(seeded, { job, unit })))
}

function unitAt(job: Job, index: number): Unit {
  const { sweep } = job
  if (sweep === undefined) {
    return { index, parameters: {}, executors: job.executors, inputs: job.inputs }
  }
  const parameters: Record<string, string> = { [unitParameter]: String(index) }
  let rest = index
  for (const parameter of sweep.toReversed()) {
    const values = valueCount(parameter)
    parameters[parameter.name] = valueAt(parameter, rest % values)
    rest = Math.floor(rest / values)
  }
  const fill = (text: string) => filled(text, parameters)
  return {
    index,
    parameters,
    executors: job.executors.map((executor) => ({
      ...executor,
      command: executor.command.map(fill),
      env: Object.fromEntries(Object.entries(executor.env).map(([k, v]) => [k, fill(v)])),
    })),
    inputs: job.inputs.map((input) => ({ ...input, from: filledSource(input.from, fill) })),
  }
}

function filledSource(from: Input['from'], fill: (text: string) => string): Input['from'] {
  if (from.type === 'text') return { ...from, text: fill(from.text) }
  if (from.type === 'cid' && from.below !== undefined) return { ...from, below: fill(from.below) }
  return from
}
