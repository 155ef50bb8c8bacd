import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Settled } from '@nexapod/ledger'
import { type Data, machineClock, waited } from '@nexapod/mesh'
import {
  type Answer,
  accept,
  blame,
  type Checkpoint,
  type Cid,
  encode,
  type Job,
  type JobId,
  jobProofSchema,
  limits,
  refuse,
  units,
} from '@nexapod/specs'
import type { Callers } from './callers.ts'
import { keepInputs } from './inputs.ts'
import type { Verified } from './verified.ts'

/** What was written where. */
export interface Kept {
  readonly directory: string
  readonly files: number
  readonly bytes: number
  /** What the job names and is not there: nobody has it any more, or it is too large. */
  readonly without: readonly Cid[]
}

/** The file that shows what the results are, to whoever knows the mesh alone. */
export const proofFile = 'proof.cbor'
/** The file that says it for people. */
export const jobFile = 'job.json'

/** How long it is waited for a file that nobody has yet: by then nodes were asked for it again. */
const patienceMs = 60_000
/** Files that are fetched at one time: a coordinator gives no more to one peer. */
const togetherMax = 2
/** What a file may be longer with the blocks that hold it together. */
const around = { share: 1.02, bytes: 64 * 1024 }

/**
 * Writes what the units of a job gave below a directory, each unit in a folder of its number. With
 * them go what says where all of it stands in the chain, for people and as a proof; and the modules
 * and inputs, so that a unit can be run again. What is fetched is checked by its CID.
 */
export async function keepResults(
  verified: Verified,
  directory: string,
  { data, callers }: { readonly data: Data; readonly callers: Callers },
  signal: AbortSignal,
): Promise<Answer<Kept>> {
  await mkdir(directory, { recursive: true })
  const there = await readdir(directory)
  if (there.length > 0) return refuse('data.kind', { at: directory, detail: 'it is not empty' })
  const files = verified.settled.flatMap(({ unit, outcome }) => {
    return outcome.outputs.map((output) => ({ unit, ...output }))
  })
  let failed: Answer<never> | undefined
  const left = files.values()
  const fetchNext = async () => {
    for (const { unit, path, cid: root, bytes } of left) {
      if (failed !== undefined) return
      const bytesMax = Math.ceil(bytes * around.share) + around.bytes
      const from = { peers: [...callers.keys], gateways: [], only: true }
      const wanted = { root, bytesMax, ...from, signal }
      const fetched = await patiently(() => data.fetch(wanted), signal)
      const to = join(directory, String(unit), path)
      await mkdir(dirname(to), { recursive: true })
      const kept = fetched.ok ? await data.exportTo(to, root, { bytesMax, signal }) : fetched
      if (!kept.ok) failed = kept
    }
  }
  await Promise.all(Array.from({ length: togetherMax }, fetchNext))
  if (failed !== undefined) return failed
  const without = await keepInputs(verified.job, directory, { data, callers }, signal)
  const { chain, checkpoint } = verified.read
  await writeFile(join(directory, jobFile), jobText({ ...verified, chain, checkpoint }))
  await writeFile(join(directory, proofFile), encode(jobProofSchema, verified.proof))
  const bytes = files.reduce((sum, one) => sum + one.bytes, 0)
  return accept({ directory, files: files.length, bytes, without })
}

/** Does it again while it may yet succeed: a coordinator may still be fetching what nodes have. */
async function patiently<T>(act: () => Promise<Answer<T>>, signal: AbortSignal) {
  const until = machineClock.now() + patienceMs
  for (;;) {
    const answer = await act()
    const isOver = answer.ok || blame(answer.refusal) !== 'later'
    if (isOver || machineClock.now() > until) return answer
    await waited(machineClock, limits.pauseMs, signal)
  }
}

/** What is to be known of results by whoever finds them without this program. */
interface About {
  readonly id: JobId
  readonly job: Job
  readonly ended: Verified['ended']
  readonly settled: readonly Settled[]
  readonly chain: Checkpoint['chain']
  readonly checkpoint: Checkpoint
}

/** The text of job.json: a function of what the proof says, to the last byte. */
export function jobText({ id, job, ended, settled, chain, checkpoint }: About): string {
  const all = units(job)
  const { size, root, coordinator } = checkpoint
  const said = {
    ...{ job: id, name: job.name, publisher: job.publisher, ended, chain },
    checkpoint: { size, root, coordinator },
    units: settled.map(({ unit, outcome, entry, nodes }) => {
      const { parameters } = all.at(unit)
      const { ended: how, fuel, outputs } = outcome
      return { unit, parameters, ended: how, fuel, entry, nodes, outputs }
    }),
  }
  return `${JSON.stringify(said, null, 2)}\n`
}
