import { digestBytes, limits, type Unit, unitSeed, units } from '@nexapod/specs'
import type { Content, UnitSpec } from '../../executor.ts'
import { inputFiles } from '../../input-files.ts'
import type { Program, Task } from './task.ts'

/**
 * The task of a unit; undefined where an input is not there any more, has names that a sandbox
 * cannot have, or where all inputs together are more than a unit may have in memory. A publisher's
 * tools refuse those before the job is signed.
 */
export async function taskOf(
  { id, job, unit }: Omit<UnitSpec, 'key'>,
  content: Content,
): Promise<Task | undefined> {
  const { index, executors, inputs } = units(job).at(unit)
  const files = await inputFiles(inputs, content, {
    bytesMax: Math.min(job.resources.diskBytes, limits.wasmFileBytesMax),
    filesMax: limits.wasmInputFilesMax,
  })
  if (files === undefined) return undefined
  const programs = executors.flatMap((executor) => {
    return executor.type === 'wasm' ? [programOf(executor)] : []
  })
  if (programs.length < executors.length) throw new Error(`${id} is no job of modules`)
  const ofInputs = inputs.flatMap(({ kind, path }) => (kind === 'directory' ? [path] : []))
  const workdirs = executors.flatMap(({ workdir }) => workdir ?? [])
  return {
    programs,
    files,
    directories: [...job.volumes, ...ofInputs, ...workdirs],
    outputs: job.outputs.map(({ path, kind }) => ({ path, kind })),
    fuel: job.resources.fuel,
    memoryBytesMax: job.resources.ramBytes,
    fileBytesMax: job.resources.diskBytes,
    epochMs: job.issued,
    seed: digestBytes(unitSeed(id, index)),
  }
}

function programOf(executor: Extract<Unit['executors'][number], { type: 'wasm' }>): Program {
  const { module, command, env, ignoreError, stdin, stdout, stderr, workdir } = executor
  // A job that came as JSON has its variables in another order than one that came as bytes.
  const variables = Object.fromEntries(Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1)))
  return {
    module,
    args: command,
    variables,
    ignoreError,
    ...(stdin === undefined ? {} : { stdin }),
    ...(stdout === undefined ? {} : { stdout }),
    ...(stderr === undefined ? {} : { stderr }),
    ...(workdir === undefined ? {} : { workdir }),
  }
}
