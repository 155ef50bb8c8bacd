import {
  type Answer,
  accept,
  type CoordinatorId,
  type Digest,
  type Fact,
  idOf,
  meshDocument,
  meshId,
  open,
  type RateCard,
  type Roster,
  rateCardDocument,
  refuse,
  rosterDocument,
} from '@nexapod/specs'
import type { Governance } from './stand.ts'

/** The keys of a roster, and how many of them must sign: all that a checkpoint is held against. */
export type Electorate = Pick<Governance, 'members' | 'quorum'>

/** The governance of a mesh as it was founded. */
export function founded(genesis: Fact & { type: 'genesis' }): Answer<Governance> {
  const mesh = open(meshDocument, genesis.mesh)
  if (!mesh.ok) return mesh
  const { members, quorum, rates } = mesh.value
  if (!isMember(mesh.value, genesis.coordinator)) {
    return refuse('chain.roster', { detail: 'the coordinator is not of the founding roster' })
  }
  const id = meshId(genesis.mesh)
  return accept({ mesh: id, members, quorum, rates, revision: 0, prev: id })
}

/** The governance after a fact: most change nothing. */
export function amended(governance: Governance, fact: Fact): Answer<Governance> {
  if (fact.type === 'roster') {
    const change = open(rosterDocument, fact.roster)
    if (!change.ok) return change
    const { members, quorum } = change.value
    return next(governance, change.value, idOf(rosterDocument, fact.roster.body), {
      members,
      quorum,
    })
  }
  if (fact.type === 'rates') {
    const change = open(rateCardDocument, fact.rates)
    if (!change.ok) return change
    const { rates } = change.value
    return next(governance, change.value, idOf(rateCardDocument, fact.rates.body), { rates })
  }
  return accept(governance)
}

/** Whether there is a quorum of the roster among these keys; strangers do not count. */
export function isQuorum(
  { members, quorum }: Electorate,
  signers: readonly CoordinatorId[],
): boolean {
  const signed = new Set(signers)
  return members.filter((member) => signed.has(member.coordinator)).length >= quorum
}

/** Whether a key is of the roster. */
export function isMember({ members }: Pick<Governance, 'members'>, key: CoordinatorId): boolean {
  return members.some((member) => member.coordinator === key)
}

function next(
  governance: Governance,
  { mesh, revision, prev, signers }: Roster | RateCard,
  id: Digest,
  change: Partial<Governance>,
): Answer<Governance> {
  if (mesh !== governance.mesh) return refuse('chain.roster', { detail: 'of another mesh' })
  if (revision !== governance.revision + 1 || prev !== governance.prev) {
    const detail = `revision ${revision} does not follow ${governance.revision}`
    return refuse('chain.roster', { detail })
  }
  if (!isQuorum(governance, signers)) {
    return refuse('chain.roster', { detail: 'not signed by a quorum of the roster' })
  }
  return accept({ ...governance, ...change, revision, prev: id })
}
