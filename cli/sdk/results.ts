import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Data, machineClock, waited } from '@nexapod/mesh'
import { type Answer, accept, blame, limits, refuse, units } from '@nexapod/specs'
import type { Callers } from './callers.ts'
import type { Settled, Verified } from './verified.ts'

/** What was written where. */
export interface Kept {
  readonly directory: string
  readonly files: number
  readonly bytes: number
}

/** How long it is waited for a file that nobody has yet: by then nodes were asked for it again. */
const patienceMs = 60_000
/** Files that are fetched at one time: a coordinator gives no more to one peer. */
const togetherMax = 2
/** What a file may be longer with the blocks that hold it together. */
const around = { share: 1.02, bytes: 64 * 1024 }

/**
 * Writes what the units of a job gave below a directory, each unit in a folder of its number, with
 * a file beside them that says where all of it stands in the chain. What is fetched is checked by
 * the CIDs that the verdicts name.
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
  await writeFile(join(directory, 'job.json'), `${JSON.stringify(about(verified), null, 2)}\n`)
  const bytes = files.reduce((sum, one) => sum + one.bytes, 0)
  return accept({ directory, files: files.length, bytes })
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
function about({ id, job, ended, settled, read }: Verified) {
  const { chain, checkpoint } = read
  const all = units(job)
  return {
    ...{ job: id, name: job.name, publisher: job.publisher, ended, chain },
    checkpoint: {
      size: checkpoint.size,
      root: checkpoint.root,
      coordinator: checkpoint.coordinator,
    },
    units: settled.map(({ unit, outcome, entry, nodes }: Settled) => {
      const { parameters } = all.at(unit)
      const { ended: how, fuel, outputs } = outcome
      return { unit, parameters, ended: how, fuel, entry, nodes, outputs }
    }),
  }
}
