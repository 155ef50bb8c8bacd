import {
  type Fact,
  type JobId,
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

/** How often a unit is audited at most: in all slots but one. */
const audits = 15

/** The entries by which a node becomes an anchor, or just not, and then votes with another. */
export function* anchorFacts(scene: Scene): Generator<readonly Fact[]> {
  const publisher = owners[0]?.id as string as PublisherId
  const sweep = [{ type: 'range' as const, name: 'i', from: 0, step: 1, count: 9, digits: 0 }]
  const expires = scene.now + 10 ** 6
  const value = { ...jobOf(scene, publisher), expires, executors: [module], compare: [], sweep }
  const signed = scene.signed(jobDocument, value)
  yield [{ type: 'job', job: signed }]
  const id = jobId(signed)
  let left = 99 + scene.chance.below(3)
  for (let unit = 0; left > 0; unit++) {
    yield* unitFacts(scene, id, unit, Math.min(left, audits), 6, 1)
    left -= audits
  }
  yield* unitFacts(scene, id, 7, 1, 5, Number.POSITIVE_INFINITY)
  yield* unitFacts(scene, id, 8, 2, 5, 2)
}

/** A unit that the one and, in so many other slots, the other ran: as a voter, or a referee. */
function* unitFacts(
  scene: Scene,
  id: JobId,
  unit: number,
  others: number,
  other: number,
  oneReferee: number,
): Generator<readonly Fact[]> {
  const job = scene.book.jobs.get(id)
  if (job === undefined) return
  scene.turn()
  const facts = Array.from({ length: others + 1 }, (_, slot) => {
    const node = nodes[slot === 0 ? 7 : other]?.id as NodeId
    return sealedBy(scene, node, { id, job, unit, slot }, 0)
  })
  yield facts
  const receipts = facts.map((fact) => scene.receipts.get(fact.sealed) as Signed<Receipt>)
  const votes = receipts.map((receipt) => voteOf(scene, receipt))
  const outcome = scene.outcomes.get(votes[0]?.says.result as Receipt['result']) as Outcome
  yield accepted(scene, job, outcome, votes, oneReferee)
}
