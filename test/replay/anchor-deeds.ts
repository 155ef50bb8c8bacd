import {
  accounts,
  type Fact,
  type JobId,
  jobDocument,
  jobId,
  type NodeId,
  type OwnerId,
  type PublisherId,
  priced,
  type Receipt,
  type Signed,
} from '../../specs/index.ts'
import { balanceOf } from './book.ts'
import { nodes, owners } from './cast.ts'
import type { Scene } from './scene.ts'
import { accepted, type Lists, voteOf } from './verdict-deeds.ts'
import { image, jobOf, sealedBy } from './work-deeds.ts'

/** How many units are decided in an entry: each has two receipts and a verdict. */
const each = 20

/** How often a node is struck before it passes. */
const strikes = 2

/**
 * The entries by which a node passes about so many times where a member vouches for it, after some
 * strikes, and then votes with another node alone. The job is metered, so that nothing is earned.
 */
export function* passFacts(scene: Scene, node: NodeId, about: number): Generator<readonly Fact[]> {
  const { chance, governance, book } = scene
  const rich = owners.find(({ id }) => balanceOf(book, accounts.owner(id as OwnerId)) > 0)
  if (rich === undefined) return
  const publisher = rich.id as PublisherId
  const passes = about - 1 + chance.below(3)
  const range = { type: 'range' as const, name: 'i', from: 0, step: 1, digits: 0 }
  const sweep = [{ ...range, count: strikes + passes + 1 }]
  const alike = { expires: scene.now + 10 ** 6, executors: [image], compare: [], sweep }
  const value = { ...jobOf(scene, publisher), ...alike, budgetMicro: 1 }
  const signed = scene.signed(jobDocument, value)
  const id = jobId(signed)
  const purpose = { type: 'fund' as const, job: id }
  const [from, to] = [accounts.owner(rich.id as OwnerId), accounts.escrow(id)]
  const priceMicro = priced(value.resources, governance.rates)
  yield [
    { type: 'job', job: signed, priceMicro },
    { type: 'transfer', purpose, from, to, micro: 1 },
  ]
  const member = governance.members[0] as string as NodeId
  const other = nodes.find(({ id }) => id !== node)?.id as NodeId
  for (let unit = 0; unit < strikes; unit++) yield unitFacts(scene, id, unit, [member, node], 1)
  const end = strikes + passes
  let next = strikes
  while (next < end) {
    // The last ones one by one: what changes with one pass is to be seen after each.
    const some = Array.from({ length: next + each < end ? each : 1 }, (_, i) => next + i)
    next += some.length
    yield some.flatMap((unit) => unitFacts(scene, id, unit, [member, node], 0))
  }
  yield unitFacts(scene, id, end, [other, node], 0)
}

/** A node that earned something by containers which it has only when it is an anchor. */
export function waitingNode({ book }: Scene): NodeId | undefined {
  return [...book.bonds.values()].find((bond) => bond.executor === 'docker')?.node
}

/** A unit that two nodes ran, of which the second is wrong or not, from receipts to verdict. */
function unitFacts(
  scene: Scene,
  id: JobId,
  unit: number,
  by: readonly NodeId[],
  wrong: 0 | 1,
): readonly Fact[] {
  const job = scene.book.jobs.get(id)
  if (job === undefined) return []
  const facts = by.map((node, slot) => {
    return sealedBy(scene, node, { id, job, unit, slot }, slot * wrong)
  })
  const receipts = facts.map((fact) => scene.receipts.get(fact.sealed) as Signed<Receipt>)
  const votes = receipts.map((receipt) => voteOf(scene, receipt))
  const outcome = scene.outcomes.get(votes[0]?.result as Receipt['result'])
  if (outcome === undefined) return []
  const [agreeing, struck] = wrong === 1 ? [[0], [1]] : [[0, 1], []]
  const lists: Lists = { agreeing, referees: [], struck, banned: [] }
  return [...facts, ...accepted(scene, { job, outcome, votes, receipts }, lists)]
}
