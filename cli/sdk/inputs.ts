import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Data } from '@nexapod/mesh'
import { type Cid, type Job, limits } from '@nexapod/specs'
import type { Callers } from './callers.ts'

/** The folder of what a job was given, each thing under its CID. */
export const inputsFolder = 'inputs'

/** An input that is kept beside results: who wants to check them with more has that by its CID. */
const inputBytesMax = 64 * 1024 * 1024

/** The modules and inputs that a job names by CID, each once, and how large one may be here. */
export function givenBy(job: Job): ReadonlyMap<Cid, number> {
  const all = new Map<Cid, number>()
  for (const { from } of job.inputs) if (from.type === 'cid') all.set(from.cid, inputBytesMax)
  for (const one of job.executors) {
    if (one.type === 'wasm') all.set(one.module, limits.wasmModuleBytesMax)
  }
  return all
}

/** Puts what a job was given beside its results, as far as coordinators have it; gives the rest. */
export async function keepInputs(
  job: Job,
  directory: string,
  { data, callers }: { readonly data: Data; readonly callers: Callers },
  signal: AbortSignal,
): Promise<readonly Cid[]> {
  const folder = join(directory, inputsFolder)
  const given = givenBy(job)
  if (given.size > 0) await mkdir(folder, { recursive: true })
  const without: Cid[] = []
  for (const [root, bytesMax] of given) {
    const from = { peers: [...callers.keys], gateways: [], only: true }
    const fetched = await data.fetch({ root, bytesMax, ...from, signal })
    const bounds = { bytesMax, signal }
    const kept = fetched.ok ? await data.exportTo(join(folder, root), root, bounds) : fetched
    if (!kept.ok) without.push(root)
  }
  return without
}
