import { Changes, isMember } from '@nexapod/ledger'
import { Asker, changesTold, type StockedMesh, waited } from '@nexapod/mesh'
import {
  type Answer,
  accept,
  type CoordinatorId,
  dialled,
  type Invitation,
  openInvited,
  refuse,
} from '@nexapod/specs'
import type { Log } from '../log.ts'
import type { Time } from '../time.ts'

/** Between two times that the members are asked: signing a change takes people, and minutes. */
const againMs = 2000

/** Who wants to join, and where. */
export interface Joining {
  readonly invitation: Invitation
  readonly own: CoordinatorId
  readonly mesh: Pick<StockedMesh, 'dial' | 'follow' | 'streams'>
  readonly time: Time
  readonly log: Log
}

/**
 * Asks the members for the line of changes, again and again, until a roster names who joins. What
 * they tell is checked from the founding on, which the invitation is the digest of.
 */
export async function joinedLine(joining: Joining, signal: AbortSignal): Promise<Answer<Changes>> {
  const { invitation, own, mesh, time, log } = joining
  let line: Changes | undefined
  let told: number | undefined
  while (!signal.aborted) {
    const members = dialled((line?.governance ?? invitation).members, invitation)
    for (const { coordinator, addresses } of members) {
      if (coordinator === own || signal.aborted) continue
      line = await askedOf({ coordinator, addresses }, line, joining, signal)
    }
    if (line !== undefined && isMember(line.governance, own)) return accept(line)
    const revision = line?.governance.revision
    if (line !== undefined && revision !== told) {
      mesh.follow(line.governance.members)
      log.info({ coordinator: own, revision }, 'no roster names it yet')
      told = revision
    }
    await waited(time, againMs, signal)
  }
  return refuse('wire.closing', { detail: `no roster named ${own}` })
}

/** The line with what one member tells of it. */
async function askedOf(
  member: Invitation['members'][number],
  known: Changes | undefined,
  { invitation, mesh, time, log }: Joining,
  signal: AbortSignal,
): Promise<Changes | undefined> {
  const { coordinator, addresses } = member
  const dialled = await mesh.dial(coordinator, addresses, signal)
  if (!dialled.ok) {
    log.warn({ member: coordinator, refusal: dialled.refusal }, 'not reached')
    return known
  }
  const dial = () => mesh.streams.open('call', coordinator, signal)
  await using asker = new Asker({ clock: time, dial })
  const id = invitation.mesh
  let line = known
  if (line === undefined) {
    const begun = await foundedAs(invitation, asker, signal)
    if (!begun.ok) {
      log.warn({ member: coordinator, refusal: begun.refusal }, 'does not show the mesh')
      return undefined
    }
    line = begun.value
  }
  const { revision } = line.governance
  for await (const told of changesTold((question) => asker.ask(question, signal), id, revision)) {
    const taken = told.ok ? line.take(told.value) : told
    if (taken.ok) continue
    log.warn({ member: coordinator, refusal: taken.refusal }, 'tells no changes')
    break
  }
  return line
}

/** The line before the first change, if the mesh is the one that the invitation is to. */
async function foundedAs(
  invitation: Invitation,
  asker: Asker,
  signal: AbortSignal,
): Promise<Answer<Changes>> {
  const told = await asker.ask({ type: 'founding', mesh: invitation.mesh }, signal)
  if (!told.ok) return told
  const opened = openInvited(invitation, told.value.founding)
  return opened.ok ? Changes.begin(told.value.founding) : opened
}
