import { Changes } from '@nexapod/ledger'
import { changesTold, type StockedMesh } from '@nexapod/mesh'
import {
  type Answer,
  accept,
  type Change,
  type CoordinatorId,
  dialled,
  type Invitation,
  openInvited,
  type Refusal,
  refuse,
} from '@nexapod/specs'
import type { Callers } from './callers.ts'

/** Which changes a member knows of, or why it does not say. */
export interface Told {
  readonly coordinator: CoordinatorId
  readonly revision?: number
  readonly refusal?: Refusal
}

/** Who governs a mesh, from its founding on, and what each member says of that. */
export interface Governed {
  readonly line: Changes
  readonly told: readonly Told[]
}

/** What the line is asked with. */
export interface GoverningGround {
  readonly invitation: Invitation
  readonly mesh: Pick<StockedMesh, 'follow'>
  readonly callers: Callers
}

/**
 * Asks all coordinators for the line of changes, and those that it names. The founding document is
 * the one that the invitation is to, and every change is held against the one before.
 */
export async function governed(
  ground: GoverningGround,
  signal: AbortSignal,
): Promise<Answer<Governed>> {
  const { callers, mesh } = ground
  const founded = await foundedAs(ground, signal)
  if (!founded.ok) return founded
  const line = founded.value
  let told: Told[] = []
  for (let before = -1; before < line.governance.revision; ) {
    before = line.governance.revision
    told = await Promise.all(callers.keys.map((key) => askedOf(key, line, ground, signal)))
    const members = dialled(line.governance.members, ground.invitation)
    mesh.follow(members)
    callers.follow(members)
  }
  return accept({ line, told })
}

/** Brings a change to all coordinators that are known; says what each answers. */
export async function amend(
  change: Change,
  callers: Callers,
  signal: AbortSignal,
): Promise<readonly (Told & { readonly seq?: number })[]> {
  const question = { type: 'amend', change } as const
  return await Promise.all(
    callers.keys.map(async (coordinator) => {
      const said = await callers.ask(coordinator, question, signal)
      if (!said.ok) return { coordinator, refusal: said.refusal }
      return { coordinator, ...(said.value.seq === undefined ? {} : { seq: said.value.seq }) }
    }),
  )
}

async function foundedAs(
  { invitation, callers }: GoverningGround,
  signal: AbortSignal,
): Promise<Answer<Changes>> {
  let failed: Answer<never> = refuse('wire.unreachable')
  for (const key of callers.keys) {
    const said = await callers.ask(key, { type: 'founding', mesh: invitation.mesh }, signal)
    const opened = said.ok ? openInvited(invitation, said.value.founding) : said
    if (said.ok && opened.ok) return Changes.begin(said.value.founding)
    if (!opened.ok) failed = opened
  }
  return failed
}

/** Takes what one of them knows beyond the line. */
async function askedOf(
  coordinator: CoordinatorId,
  line: Changes,
  { invitation, callers }: GoverningGround,
  signal: AbortSignal,
): Promise<Told> {
  let revision = 0
  const ask: Parameters<typeof changesTold>[0] = (question) => {
    return callers.askSoon(coordinator, question, signal)
  }
  for await (const told of changesTold(ask, invitation.mesh, 0)) {
    const taken = told.ok ? line.take(told.value) : told
    if (!taken.ok) return { coordinator, refusal: taken.refusal }
    revision++
  }
  return { coordinator, revision }
}
