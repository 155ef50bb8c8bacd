import {
  accounts,
  type CoordinatorId,
  type Digest,
  type Fact,
  idOf,
  jobId,
  type NodeId,
  rosterDocument,
} from '../../specs/index.ts'
import { balanceOf, ownerOf, unitOf } from './book.ts'
import { leastQuorum, nodes } from './cast.ts'
import { claimDeeds } from './claim-deeds.ts'
import { creditDeeds } from './credit-deeds.ts'
import { amendment, orderDeeds } from './order-deeds.ts'
import type { Deed, Deeds, Scene } from './scene.ts'
import { decide, verdictDeeds } from './verdict-deeds.ts'
import { anyUnit, receipts, sealedBy, type UnitAt, workDeeds } from './work-deeds.ts'

/** A job that is cancelled, and may end, in the entry of its admission, its fund anywhere. */
const shortJob: Deed = (scene) => {
  const [admitted, ...fund] = workDeeds.job?.[0](scene) ?? []
  if (admitted?.type !== 'job') return undefined
  const job = jobId(admitted.job)
  scene.suppose([admitted, ...fund])
  const publisher = scene.book.jobs.get(job)?.publisher
  if (publisher === undefined) return undefined
  const request = scene.request(publisher, { type: 'cancel', job })
  const end: Fact = { type: 'end', job, as: 'cancelled' }
  const all: Fact[] = [admitted, { type: 'cancel', request }, end]
  for (const one of fund) all.splice(1 + scene.chance.below(all.length), 0, one)
  return all
}

const changes = [orderDeeds.roster, orderDeeds.rates, orderDeeds.seal]
const changed = [
  ...[orderDeeds.roster, orderDeeds.rates, workDeeds.job, workDeeds.receipt],
  ...[claimDeeds.claim, creditDeeds.settle, verdictDeeds.verdict, creditDeeds.bond],
]

/** A change of who governs, or of rates, and what it holds for, in front of it or behind. */
const change: Deed = (scene) => {
  const first = scene.chance.one(changes)?.[0](scene)
  if (first === undefined || scene.begun || !scene.suppose(first)) return first
  const more = scene.chance.one(changed)?.[0](scene) ?? []
  const sealed = first[0]?.type === 'seal'
  return sealed || scene.chance.once(2) ? [...first, ...more] : [...more, ...first]
}

/** A roster without who writes the epoch, and the one before again. */
const awayAndBack: Deed = (scene) => {
  const { members, quorum } = scene.governance
  const rest = members.filter((member) => member !== scene.book.author)
  if (rest.length === 0) return undefined
  const away = amendment(scene)
  const first = scene.signed(rosterDocument, {
    ...away,
    ...rosterOf(rest, leastQuorum(rest.length)),
  })
  const back = {
    ...away,
    revision: away.revision + 1,
    prev: idOf<Digest>(rosterDocument, first.body),
  }
  const second = { ...back, ...rosterOf(members, quorum), signers: [...rest].sort() }
  return [
    { type: 'roster', roster: first },
    { type: 'roster', roster: scene.signed(rosterDocument, second) },
  ]
}

function rosterOf(members: readonly CoordinatorId[], quorum: number) {
  return { members: members.map((coordinator) => ({ coordinator, addresses: [] })), quorum }
}

/** A unit that is opened again, has other receipts, and is decided, in one entry. */
const again: Deed = (scene) => {
  const first = verdictDeeds.reopen?.[0](scene) ?? []
  const [{ job: id, unit }] = first as [Fact & { readonly type: 'reopen' }]
  const job = scene.book.jobs.get(id)
  return job && inTurn(scene, { id, job, unit }, [() => first, receipts, decide])
}

/** A verdict, and its unit opened again in the entry, before all that is earned or behind it. */
const hasty: Deed = (scene) => {
  const at = anyUnit(scene, (job) => !job.cancelled)
  const some = scene.shuffled(nodes).slice(0, 3)
  const by = new Map(some.map(({ id }) => [id as NodeId, 0]))
  const facts = at && inTurn(scene, at, [() => sealedByAll(scene, at, by), decide])
  const decided = facts?.findIndex((fact) => fact.type === 'verdict') ?? -1
  if (at === undefined || facts === undefined || decided === -1) return undefined
  const { length } = facts
  const behind = scene.chance.once(2) ? length : decided + 1 + scene.chance.below(length - decided)
  return facts.toSpliced(behind, 0, { type: 'reopen', job: at.id, unit: at.unit })
}

/** Receipts for one unit of as many nodes as vouch for each other, or about as many. */
const crowd: Deed = (scene) => {
  const at = anyUnit(scene, (job) => !job.cancelled)
  const flavour = scene.chance.below(2)
  const by = scene.shuffled(nodes).slice(0, 6 + scene.chance.below(3))
  return at && sealedByAll(scene, at, new Map(by.map(({ id }) => [id as NodeId, flavour])))
}

/** Nodes that lie together where a member looks, the verdict, and what they may lose by it. */
const trap: Deed = (scene) => {
  const at = anyUnit(scene, (job) => !job.cancelled)
  const any = scene.shuffled(nodes).map(({ id }) => id as NodeId)
  const some = losingNodes(scene).filter(() => !scene.chance.once(4))
  const liars = [...new Set([...some, ...any])].slice(0, 1 + scene.chance.below(3))
  const by = new Map(liars.map((node) => [node, 1]))
  by.set(scene.chance.one(scene.governance.members) as string as NodeId, 0)
  const settle = () => (scene.chance.once(2) ? creditDeeds.settle?.[0](scene) : undefined) ?? []
  return at && inTurn(scene, at, [() => sealedByAll(scene, at, by), decide, settle])
}

/** Nodes whose owners have something to lose: in a bond, and then what is held. */
function losingNodes({ book, now }: Scene): NodeId[] {
  const kept = [...book.bonds.values()].filter(({ node }) => {
    return balanceOf(book, accounts.bond(node)) > 0
  })
  const won = [...book.units.values()].flatMap(({ decided, votes }) => {
    return decided?.closing === false ? votes.filter((vote) => vote.wins) : []
  })
  return [...kept, ...won].flatMap(({ owner }) => {
    return nodes.flatMap(({ id }) => {
      return ownerOf(book, id as NodeId, now) === owner ? [id as NodeId] : []
    })
  })
}

/** Receipts of nodes in the first slots of a unit that are free, each with what it finds. */
function sealedByAll(scene: Scene, at: UnitAt, by: ReadonlyMap<NodeId, number>): Fact[] {
  const { sealed, votes } = unitOf(scene.book, at.id, at.unit)
  const taken = [...sealed, ...votes].map((one) => one.slot)
  const free = Array.from({ length: 16 }, (_, slot) => slot).filter((one) => !taken.includes(one))
  const last = free.slice(0, by.size)
  return [...by].flatMap(([node, flavour]) => {
    const slot = last.splice(scene.chance.below(last.length), 1)[0]
    return slot === undefined ? [] : [sealedBy(scene, node, { ...at, slot }, flavour)]
  })
}

/** What is done to a unit one after the other, in one entry. */
function inTurn(
  scene: Scene,
  at: UnitAt,
  doings: readonly ((scene: Scene, at: UnitAt) => Fact[])[],
): Fact[] {
  const facts: Fact[] = []
  for (const doing of doings) {
    facts.push(...doing(scene, at))
    if (!scene.suppose(facts)) break
  }
  return facts
}

/** Deeds of several that make one entry. */
export const joinedDeeds: Deeds = {
  shortJob: [shortJob, 1],
  change: [change, 2],
  awayAndBack: [awayAndBack, 1],
  again: [again, 2],
  hasty: [hasty, 1],
  crowd: [crowd, 1],
  trap: [trap, 2],
}
