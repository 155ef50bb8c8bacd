import { exampleOf, publisher } from '../../examples/job.ts'
import { runUnits } from '../../examples/run.ts'
import {
  type Cid,
  cidOf,
  type Job,
  jobDocument,
  type Manifest,
  open,
  type PublisherId,
  type Signed,
  sha256,
} from '../../specs/index.ts'
import { manifestOf } from './forged.ts'
import type { HostilePeer, Leased } from './peer.ts'

/** What a unit of pi gives, computed here as an honest node would. */
export async function executed(peer: HostilePeer, leased: Leased): Promise<Manifest> {
  peer.say({ type: 'ask', jobs: [leased.says.job] })
  const message = await peer.next('job')
  const { bytes, fuel } = await ran(message.job, leased.says.unit)
  return manifestOf(leased, cidOf('raw', sha256(bytes)), bytes.length, fuel)
}

/** The output of the first unit of a job of pi. */
export async function outcomeOf(job: Signed<Job>): Promise<Cid> {
  const { bytes } = await ran(job, 0)
  return cidOf('raw', sha256(bytes))
}

async function ran(signed: Signed<Job>, unit: number) {
  const job = open(jobDocument, signed)
  if (!job.ok) throw new Error(job.refusal.code)
  const { content } = exampleOf('pi')
  // Whoever published it, it gives the same.
  const same = { ...job.value, publisher: publisher.id as PublisherId }
  const [one] = await runUnits({ job: same, content }, { cores: 1, numbers: [unit] })
  const [file] = one?.outputs.flatMap(({ files }) => files) ?? []
  if (one === undefined || file === undefined) throw new Error('pi gives one file')
  return { bytes: file.bytes, fuel: one.fuel }
}
