import { signers } from '../../ledger/test/chains.ts'
import {
  type CoordinatorId,
  delegationDocument,
  digestText,
  limits,
  type NodeId,
  type OwnerId,
  rateCardDocument,
  revocationDocument,
  rosterDocument,
  sealDocument,
  sha256,
} from '../../specs/index.ts'
import { anyRates, leastQuorum, membersOf, nodes, owners, strangers } from './cast.ts'
import type { Deed, Deeds, Scene } from './scene.ts'

const fences: Deed = ({ book, chance }) => {
  return [{ type: 'fences', below: book.fences + 1 + chance.below(20) }]
}

const draw: Deed = (scene) => {
  const { book, chance, epoch, seeds } = scene
  const seed = scene.bytes(32)
  const next = digestText(sha256(seed))
  seeds.set(next, seed)
  const last = book.draw
  const shown = last === undefined ? undefined : seeds.get(last.next)
  const hidden = last?.epoch !== epoch && chance.once(2)
  return [{ type: 'draw', next, ...(shown === undefined || hidden ? {} : { shown }) }]
}

const node: Deed = ({ chance }) => {
  const { id } = chance.one(nodes)
  const os = chance.one(['linux', 'macos'])
  const tier = chance.one(['cpu', 'gpu', 'hpc'] as const)
  return [{ type: 'node', node: id as NodeId, tier, platform: { os, arch: 'arm64' } }]
}

const delegation: Deed = (scene) => {
  const { book, chance, now } = scene
  const [pair, ended] = (chance.once(3) ? chance.any([...book.revocations]) : undefined) ?? []
  const [by, of] = pair?.split('/') ?? []
  const own = chance.once(8) ? chance.one(signers) : chance.one(owners)
  const owner = (by ?? own.id) as OwnerId
  const node = (of ?? chance.one(nodes).id) as NodeId
  const some = chance.once(4) ? scene.about() : now - chance.below(400)
  const issued = Math.max(0, ended === undefined ? some : ended.issued + chance.below(3) - 1)
  const held = chance.once(2) ? 1 + chance.below(2000) : limits.delegationMsMax
  const expires = chance.once(8) ? Math.max(issued + 1, scene.about()) : issued + held
  const value = { v: 1 as const, owner, node, issued, expires }
  return [{ type: 'delegation', delegation: scene.signed(delegationDocument, value) }]
}

const revocation: Deed = (scene) => {
  const { book, chance, now } = scene
  const [node, last] = chance.any([...book.delegations]) ?? []
  const known = chance.once(4) ? undefined : last
  const owner = known?.owner ?? (chance.one(owners).id as OwnerId)
  const issued = chance.once(3) ? scene.about() : Math.max(0, now - chance.below(400))
  const exact = known !== undefined && chance.once(3) ? known.issued + chance.below(3) - 1 : issued
  const by = chance.one(['owner', 'node'] as const)
  const who = node ?? (chance.one(nodes).id as NodeId)
  const value = { v: 1 as const, owner, node: who, by, issued: Math.max(0, exact) }
  return [{ type: 'revocation', revocation: scene.signed(revocationDocument, value) }]
}

/** Who signs a change or a seal: a quorum of the members, or one too few, or a stranger too. */
function quorumOf(scene: Scene): CoordinatorId[] {
  const { members, quorum } = scene.governance
  const { chance } = scene
  const more = chance.once(8) ? -1 : chance.below(members.length - quorum + 1)
  const some = scene.shuffled(members).slice(0, Math.max(1, quorum + more))
  if (chance.once(8)) some.push(chance.one(strangers).id as CoordinatorId)
  return some.sort()
}

/** What the next change has, whichever it is. */
export function amendment(scene: Scene) {
  const { mesh, revision, prev } = scene.governance
  const { now: issued } = scene
  return { v: 1 as const, mesh, revision: revision + 1, prev, issued, signers: quorumOf(scene) }
}

const roster: Deed = (scene) => {
  const { chance, governance } = scene
  const was = signers.flatMap(({ id }, i) => {
    return governance.members.includes(id as CoordinatorId) ? [i] : []
  })
  const other = chance.below(signers.length)
  const now = was.includes(other) ? was.filter((one) => one !== other) : [...was, other]
  if (now.length === 0) return undefined
  const quorum = Math.min(now.length, leastQuorum(now.length) + chance.below(2))
  const value = { ...amendment(scene), members: membersOf(now), quorum }
  return [{ type: 'roster', roster: scene.signed(rosterDocument, value) }]
}

const rates: Deed = (scene) => {
  const value = { ...amendment(scene), rates: anyRates(scene.chance) }
  return [{ type: 'rates', rates: scene.signed(rateCardDocument, value) }]
}

const seal: Deed = (scene) => {
  const { begun, book, chain, chance, now, governance } = scene
  if (begun) return undefined
  scene.epoch = book.epoch + 1
  const [epoch, size, head] = [book.epoch, book.entries.length, book.head]
  const stranger = chance.one(strangers).id as CoordinatorId
  const successor = scene.slip(chance.one(governance.members), stranger, stranger, stranger)
  const stand = { v: 1 as const, chain, epoch, size, head, successor }
  const value = { ...stand, issued: now, signers: quorumOf(scene) }
  return [{ type: 'seal', seal: scene.signed(sealDocument, value) }]
}

/** Deeds of coordinators, nodes and owners that move no credit, and how often each is tried. */
export const orderDeeds: Deeds = {
  fences: [fences, 3],
  draw: [draw, 2],
  node: [node, 1],
  delegation: [delegation, 4],
  revocation: [revocation, 2],
  roster: [roster, 1],
  rates: [rates, 1],
  seal: [seal, 1],
}
