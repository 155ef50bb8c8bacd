import {
  type Account,
  accounts,
  decode,
  earned,
  type Fact,
  type JobId,
  type Outcome,
  type OwnerId,
  type Receipt,
  receiptDocument,
  resultId,
  type Signed,
} from '../../specs/index.ts'
import { type KnownJob, ownerOf } from './book.ts'
import type { Deed, Deeds, Scene } from './scene.ts'
import { anyUnit } from './work-deeds.ts'

/** A receipt that was sealed, and what it says. */
interface Vote {
  readonly signed: Signed<Receipt>
  readonly says: Receipt
  readonly owner: OwnerId
}

const verdict: Deed = (scene) => {
  const { book, chance } = scene
  const at = anyUnit(scene, () => true)
  if (at === undefined) return undefined
  const { id, job, unit } = at
  const sealed = book.units.get(`${id}/${unit}`)?.sealed ?? []
  const ends = sealed.flatMap(({ receipt }) => {
    const signed = scene.receipts.get(receipt)
    const node = signed === undefined ? undefined : voteOf(scene, signed).says.node
    return node === undefined ? [] : (book.delegations.get(node)?.expires ?? [])
  })
  const end = chance.once(2) ? chance.any(ends) : undefined
  if (end !== undefined) scene.wait(end)
  const votes = sealed.flatMap(({ receipt, epoch }) => {
    const signed = scene.receipts.get(receipt)
    const lost = epoch < scene.epoch && chance.once(3)
    return signed === undefined || lost ? [] : [voteOf(scene, signed)]
  })
  const outcome = scene.outcomes.get(chance.any(votes)?.says.result as Receipt['result'])
  if (outcome === undefined || (job.cancelled && !chance.once(3)) || chance.once(12)) {
    const decided = { type: chance.one(['poisoned', 'expired', 'cancelled'] as const) }
    const receipts = scene.shuffled(votes).map((vote) => vote.signed)
    return [{ type: 'verdict', job: id, unit, decided, receipts }]
  }
  return accepted(scene, job, outcome, votes)
}

/** The facts by which an outcome is accepted, some votes being those of referees. */
export function accepted(
  scene: Scene,
  job: KnownJob,
  outcome: Outcome,
  votes: readonly Vote[],
  oneReferee = 3,
): Fact[] {
  const { chance } = scene
  const { job: id, unit, fuel } = outcome
  const right = ({ says }: Vote) => says.result === resultId(outcome)
  const first = votes.find(right)
  const odd = new Set(votes.filter((vote) => !right(vote) && !job.exact && chance.once(2)))
  let referees = votes.filter((vote) => vote !== first && chance.once(oneReferee))
  const ballot = () => {
    const shown = votes.filter((vote) => !referees.includes(vote))
    const agreeing = shown.filter((vote) => right(vote) || odd.has(vote))
    agreeing.sort((a, b) => a.says.slot - b.says.slot)
    const winners = agreeing.filter((vote, i) => {
      return agreeing.findIndex((other) => other.owner === vote.owner) === i
    })
    return { shown, agreeing, winners }
  }
  const owns = (owner: OwnerId) => ballot().winners.some((winner) => winner.owner === owner)
  // Whoever comes back into the ballot may win, and so keep another from being a referee.
  for (let i = 0; i < votes.length && (scene.careful || !chance.once(12)); i++) {
    referees = referees.filter((referee) => !owns(referee.owner))
  }
  const { shown, agreeing, winners } = ballot()
  const audits = referees.map((referee): Fact => {
    const same = right(referee) || odd.has(referee)
    const agrees = scene.slip(same, !same)
    return { type: 'audit', job: id, unit, receipt: referee.signed, agrees }
  })
  const earns = winners.flatMap(({ says }) => earnOf(scene, job, id, unit, says.slot, fuel))
  const slots = agreeing.map((vote) => vote.says.slot)
  const decided = { type: 'accepted' as const, outcome, agreeing: slots }
  const receipts = scene.shuffled(shown).map((vote) => vote.signed)
  const decision: Fact = { type: 'verdict', job: id, unit, decided, receipts }
  return [decision, ...scene.shuffled([...audits, ...earns])]
}

/** What a slot that wins earns. */
function earnOf(
  scene: Scene,
  { executor, funded }: KnownJob,
  job: JobId,
  unit: number,
  slot: number,
  fuel = 0,
): Fact[] {
  if (executor.type === 'docker' && funded) return []
  const due = executor.type === 'docker' ? executor.priceMicro : earned(fuel, executor)
  const micro = scene.slip(due, due + 1, Math.max(1, due - 1))
  const [mint, escrow] = [accounts.mint, accounts.escrow(job)]
  const from: Account = funded ? scene.slip(escrow, mint) : scene.slip(mint, escrow)
  const purpose = { type: 'earn' as const, job, unit, slot }
  return [{ type: 'transfer', purpose, from, to: accounts.hold(job, unit, slot), micro }]
}

/** A receipt as a vote: what it says, and whose it is now. */
export function voteOf({ book, now }: Scene, signed: Signed<Receipt>): Vote {
  const answer = decode(receiptDocument.schema, signed.body)
  if (!answer.ok) throw new Error('a receipt of ours is none')
  const says = answer.value
  return { signed, says, owner: ownerOf(book, says.node, now) }
}

/** Deeds by which units are decided. */
export const verdictDeeds: Deeds = { verdict: [verdict, 10] }
