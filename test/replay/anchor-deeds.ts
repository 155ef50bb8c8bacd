import {
  type Fact,
  jobDocument,
  jobId,
  type NodeId,
  type Outcome,
  type PublisherId,
  type Receipt,
  type Signed,
} from '../../specs/index.ts'
import { nodes, owners } from './cast.ts'
import type { Scene } from './scene.ts'
import { accepted, voteOf } from './verdict-deeds.ts'
import { jobOf, module, sealedBy } from './work-deeds.ts'

/** The entries by which a node becomes an anchor: seven units, fifteen times audited each. */
export function* anchorFacts(scene: Scene): Generator<readonly Fact[]> {
  const publisher = owners[0]?.id as string as PublisherId
  const sweep = [{ type: 'range' as const, name: 'i', from: 0, step: 1, count: 9, digits: 0 }]
  const value = { ...jobOf(scene, publisher), executors: [module], compare: [], sweep }
  const signed = scene.signed(jobDocument, value)
  yield [{ type: 'job', job: signed }]
  const id = jobId(signed)
  const job = scene.book.jobs.get(id)
  if (job === undefined) return
  for (let unit = 0; unit < 7; unit++) {
    scene.turn()
    const facts = Array.from({ length: 16 }, (_, slot) => {
      const node = nodes[slot === 0 ? 7 : 6]?.id as NodeId
      return sealedBy(scene, node, { id, job, unit, slot }, 0)
    })
    yield facts
    const receipts = facts.map((fact) => scene.receipts.get(fact.sealed) as Signed<Receipt>)
    const votes = receipts.map((receipt) => voteOf(scene, receipt))
    const outcome = scene.outcomes.get(votes[0]?.says.result as Receipt['result']) as Outcome
    yield accepted(scene, job, outcome, votes, 1)
  }
}
