import {
  type Answer,
  accept,
  type Change,
  type CoordinatorId,
  changeId,
  type Fact,
  type Mesh,
  meshDocument,
  meshId,
  open,
  openChange,
  type RateCard,
  type Roster,
  refuse,
  type Signed,
} from '@nexapod/specs'
import type { Governance } from './stand.ts'

/** The keys of a roster, and how many of them must sign: all that a checkpoint is held against. */
export type Electorate = Pick<Governance, 'members' | 'quorum'>

/** The governance of a mesh as it was founded. */
export function founded(founding: Signed<Mesh>): Answer<Governance> {
  const mesh = open(meshDocument, founding)
  if (!mesh.ok) return mesh
  const { members, quorum, rates } = mesh.value
  const id = meshId(founding)
  return accept({ mesh: id, members, quorum, rates, revision: 0, prev: id })
}

/** The governance after a change, if it is the next and a quorum of the roster signed it. */
export function amended(governance: Governance, change: Change): Answer<Governance> {
  const opened = openChange(change)
  if (!opened.ok) return opened
  const no = refusedAfter(governance, opened.value)
  if (no !== undefined) return refuse('chain.roster', { detail: no })
  const { revision } = opened.value
  const { members, quorum, rates } = { ...governance, ...opened.value }
  return accept({ ...governance, members, quorum, rates, revision, prev: changeId(change) })
}

/** The governance after these facts, if who writes the epoch is of the roster then. */
export function governed(
  before: Governance,
  writer: CoordinatorId,
  facts: readonly Fact[],
): Answer<Governance> {
  let governance = before
  for (const fact of facts) {
    if (!isChange(fact)) continue
    const after = amended(governance, fact)
    if (!after.ok) return after
    governance = after.value
  }
  if (isMember(governance, writer)) return accept(governance)
  const begins = facts.every((fact) => fact.type === 'genesis' || isChange(fact))
  if (begins && !isMember(before, writer)) return accept(governance)
  const detail = 'who writes an epoch is of the roster, from its first deed until it is sealed'
  return refuse('chain.roster', { detail })
}

/** Whether a fact changes the roster or the rate card. */
export function isChange(fact: Fact): fact is Change & Fact {
  return fact.type === 'roster' || fact.type === 'rates'
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

function refusedAfter(
  governance: Governance,
  { mesh, revision, prev, signers }: Roster | RateCard,
): string | undefined {
  if (mesh !== governance.mesh) return 'of another mesh'
  if (revision !== governance.revision + 1 || prev !== governance.prev) {
    return `revision ${revision} does not follow ${governance.revision}`
  }
  return isQuorum(governance, signers) ? undefined : 'not signed by a quorum of the roster'
}
