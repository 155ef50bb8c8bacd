import {
  type Account,
  accounts,
  decode,
  earned,
  type Fact,
  type Outcome,
  type OwnerId,
  type Receipt,
  type ResultId,
  receiptDocument,
  resultId,
  type Signed,
} from '../../specs/index.ts'
import { balanceOf, type KnownJob, type KnownUnit, ownerOf, unitOf, type Vote } from './book.ts'
import { isMember } from './reputations.ts'
import type { Deed, Deeds, Scene } from './scene.ts'
import { anyUnit, type UnitAt } from './work-deeds.ts'

/** What a verdict is of: the votes that there are, and the receipts that it opens. */
export interface Ballot {
  readonly job: KnownJob
  readonly outcome: Outcome
  readonly votes: readonly Pick<Vote, 'slot' | 'owner' | 'result' | 'referee'>[]
  readonly receipts: readonly Signed<Receipt>[]
}

/** The lists of slots of a verdict. */
export type Lists = Readonly<Record<'agreeing' | 'referees' | 'struck' | 'banned', number[]>>

const verdict: Deed = (scene) => {
  const at = anyUnit(scene, () => true)
  return at === undefined ? undefined : decide(scene, at)
}

/** A verdict on a unit, with what it earns. */
export function decide(scene: Scene, { id, job, unit }: UnitAt): Fact[] {
  const { book, chance } = scene
  const { sealed, votes: before } = unitOf(book, id, unit)
  const ends = sealed.flatMap(({ receipt }) => {
    const signed = scene.receipts.get(receipt)
    const node = signed === undefined ? undefined : voteOf(scene, signed).node
    return node === undefined ? [] : (book.delegations.get(node)?.expires ?? [])
  })
  const end = chance.once(2) ? chance.any(ends) : undefined
  if (end !== undefined) scene.wait(end)
  const receipts = sealed.flatMap(({ receipt, epoch }) => {
    const signed = scene.receipts.get(receipt)
    const lost = epoch < scene.epoch && chance.once(3)
    return signed === undefined || lost ? [] : [signed]
  })
  const fresh = receipts.map((signed) => voteOf(scene, signed))
  const votes = [...before, ...fresh].sort((one, other) => one.slot - other.slot)
  const ofMembers = votes.filter((vote) => isMember(scene.governance, vote.owner))
  if (votes.length === 0 && !chance.once(4)) return []
  const leading = chance.any(chance.once(2) ? votes : ofMembers)
  const outcome = scene.outcomes.get(leading?.result as ResultId)
  if (outcome === undefined || (job.cancelled && !chance.once(3)) || chance.once(20)) {
    const decided = { type: chance.one(['poisoned', 'expired', 'split', 'cancelled'] as const) }
    return [{ type: 'verdict', job: id, unit, decided, receipts: scene.shuffled(receipts) }]
  }
  const ballot = { job, outcome, votes, receipts: scene.shuffled(receipts) }
  return accepted(scene, ballot, listsOf(scene, ballot))
}

/** Who agrees, who was asked for as a referee, and who was wrong. */
function listsOf(scene: Scene, { job, outcome, votes }: Ballot): Lists {
  const { chance, governance } = scene
  const slots = (of: Ballot['votes']) => of.map((vote) => vote.slot)
  const same = votes.filter(({ result }) => result === resultId(outcome))
  const odd = votes.filter((vote) => !same.includes(vote) && !job.exact && chance.once(2))
  const agree = votes.filter((vote) => same.includes(vote) || odd.includes(vote))
  const lost = votes.filter((vote) => !agree.includes(vote))
  const referees = votes.filter(() => chance.once(2))
  const looked = agree.some((vote) => vote.referee || referees.includes(vote))
  const member = agree.some((vote) => isMember(governance, vote.owner))
  const together = lost.filter(({ owner, result }) => {
    const shared = votes.some((vote) => vote.result === result && vote.owner !== owner)
    return (!isMember(governance, owner) && (shared || !job.exact)) || chance.once(9)
  })
  const bans = (looked && member && chance.once(2)) || chance.once(12)
  const banned = bans ? together.filter(() => chance.once(2)) : []
  const struck = lost.filter((vote) => !banned.includes(vote) && chance.once(2))
  const right: Lists = {
    agreeing: slots(agree),
    referees: slots(referees),
    struck: slots(struck),
    banned: slots(banned),
  }
  // In one of the lists a slot more or less, which it may take or not.
  const list = chance.one(['agreeing', 'referees', 'struck', 'banned'] as const)
  const slot = chance.any(votes)?.slot ?? 0
  const [rest, one] = [right[list].filter((other) => other !== slot), right[list].includes(slot)]
  const changed = one ? rest : [...rest, slot].sort((a, b) => a - b)
  const wrong = { ...right, [list]: changed }
  return banned.length > 0 && chance.once(4) ? wrong : scene.slip(right, wrong)
}

/** The facts by which an outcome is accepted, and what is earned by it. */
export function accepted(
  scene: Scene,
  { job, outcome, votes, receipts }: Ballot,
  lists: Lists,
): Fact[] {
  const { job: id, unit } = outcome
  const lost = votes.filter(({ slot }) => lists.banned.includes(slot)).map(({ owner }) => owner)
  const paid = new Set<OwnerId>()
  const earns = votes.flatMap(({ slot, owner }) => {
    const banned = scene.book.bans.has(owner) || lost.includes(owner)
    if (!lists.agreeing.includes(slot) || paid.has(owner) || banned) return []
    paid.add(owner)
    const holds = balanceOf(scene.book, accounts.hold(id, unit, slot)) > 0
    return scene.slip(holds, !holds) ? [] : earnOf(scene, job, outcome, slot)
  })
  const decided = { type: 'accepted' as const, outcome, ...lists }
  return [{ type: 'verdict', job: id, unit, decided, receipts }, ...scene.shuffled(earns)]
}

/** What a slot that wins earns. */
function earnOf(
  scene: Scene,
  { executor, funded }: KnownJob,
  { job, unit, fuel = 0 }: Outcome,
  slot: number,
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
export function voteOf({ book, now }: Scene, signed: Signed<Receipt>) {
  const answer = decode(receiptDocument.schema, signed.body)
  if (!answer.ok) throw new Error('a receipt of ours is none')
  const { slot, node, result } = answer.value
  return { slot, node, result, owner: ownerOf(book, node, now), referee: false }
}

const reopen: Deed = (scene) => {
  const { book, chance } = scene
  const may = ({ job, unit, decided }: KnownUnit) => {
    const { cancelled, ended } = book.jobs.get(job) ?? {}
    const open = cancelled === false && ended === undefined
    const kept = [...book.balances].some(([account, micro]) => {
      return micro > 0 && account.startsWith(`hold/${job}/${unit}/`)
    })
    const untouched = decided?.closing === false || chance.once(3)
    return scene.slip(open && kept && decided?.accepted === true && untouched, true)
  }
  const found = chance.any([...book.units.values()].filter(may))
  return found === undefined ? undefined : [{ type: 'reopen', job: found.job, unit: found.unit }]
}

/** Deeds by which units are decided, and opened again. */
export const verdictDeeds: Deeds = { verdict: [verdict, 10], reopen: [reopen, 6] }
