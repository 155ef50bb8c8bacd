import { exampleOf, publisher } from '../../examples/job.ts'
import { runUnits } from '../../examples/run.ts'
import {
  cidOf,
  jobDocument,
  type Manifest,
  open,
  type PublisherId,
  sha256,
} from '../../specs/index.ts'
import { manifestOf } from './forged.ts'
import type { HostilePeer, Leased } from './peer.ts'

/** What a unit of pi gives, computed here as an honest node would. */
export async function executed(peer: HostilePeer, leased: Leased): Promise<Manifest> {
  peer.say({ type: 'ask', jobs: [leased.says.job] })
  const message = await peer.next('job')
  const job = open(jobDocument, message.job)
  if (!job.ok) throw new Error(job.refusal.code)
  const { content } = exampleOf('pi')
  // Whoever published it, it gives the same.
  const same = { ...job.value, publisher: publisher.id as PublisherId }
  const wanted = { cores: 1, numbers: [leased.says.unit] }
  const [ran] = await runUnits({ job: same, content }, wanted)
  const [file] = ran?.outputs.flatMap(({ files }) => files) ?? []
  if (ran === undefined || file === undefined) throw new Error('pi gives one file')
  return manifestOf(leased, cidOf('raw', sha256(file.bytes)), file.bytes.length, ran.fuel)
}
