import {
  type Answer,
  accept,
  accounts,
  choice,
  type Infer,
  type JobId,
  limits,
  type NodeId,
  type OwnerId,
  optional,
  peerId,
  refuse,
  struct,
  text,
} from '@nexapod/specs'
import type { Ground } from '../ground.ts'
import { daysMax, groupsMax } from '../owner-shapes.ts'
import { cursor, limit, number, pageOf } from '../query.ts'
import { sumOf } from '../register/accounts.ts'
import type { Leader } from '../register/reader.ts'
import { badgesOf, type Meeting, meetingsOf, streakOf } from '../renown.ts'
import { nothing, type Route, reads } from '../route.ts'
import { shapes } from '../shapes.ts'

/** Who is looked at to foresee whom an owner meets: so many on each side. */
const aroundMax = 50

/** Owners of a name or key that are put into their order: more than that say nothing to anybody. */
const soughtMax = 2000

/** Days that are looked at for those in a row: ten years. */
const streakDaysMax = 3660

const boards = ['all', 'month', 'week', 'day', 'recent'] as const

const sought = (about: string) => optional(text({ kind: 'line', min: 1, max: 128, about }))

/** Owners, and the order of what they have earned. */
export const ownerRoutes: readonly Route[] = [
  reads({
    ...{ path: '/api/v1/wall', tag: 'owners' },
    about: 'Owners by what they have earned, in all, in the last day, week or month, or recently.',
    params: nothing,
    query: struct({
      limit,
      cursor: optional(
        number({ min: 1, max: 1e9, about: 'The place to begin at: any, or the `next` before.' }),
      ),
      range: optional(choice(boards)),
      q: sought('How a key begins or ends, or a word of a name begins.'),
      team: sought('Who says that this is its team.'),
    }),
    gives: shapes.LeaderPage,
    async act(ground, { query, signal }) {
      const { register } = ground
      const ready = await register.caughtUp(signal)
      if (!ready.ok) return ready
      const { limit: count = limits.pageDefault, range = 'all', cursor: from = 1, q, team } = query
      const reader = ready.value
      const shown = (found: readonly Leader[]) => found.map((one) => ({ ...one, ...of(one.id) }))
      const of = (id: string) => shownOf(ground, id)
      const owners = reader.ownersOn(range)
      if (q === undefined && team === undefined) {
        const found = reader.leaders(range, from, count + 1)
        const { items, ...next } = pageOf(shown(found), count, ({ rank }) => rank + 1)
        return accept({ value: { items, owners, ...next } })
      }
      const found = foundBy(ground, range, { q, team })
      return accept({ value: { items: shown(found.slice(0, count)), owners } })
    },
  }),
  reads({
    ...{ path: '/api/v1/owners/{owner}', tag: 'owners' },
    about: 'An owner: what it earned, what of that is pending, what it can spend, its nodes.',
    ...{ params: struct({ owner: peerId<OwnerId>() }), query: nothing, gives: shapes.Owner },
    async act(ground, { params: { owner }, signal }) {
      const shown = await ownerOf(ground, owner, signal)
      return shown.ok ? accept({ value: shown.value }) : shown
    },
  }),
  reads({
    ...{ path: '/api/v1/owners/{owner}/said', tag: 'owners' },
    about: 'What a key says of itself, whether it has earned something or not.',
    ...{ params: struct({ owner: peerId<OwnerId>() }), query: nothing, gives: shapes.Said },
    async act(ground, { params: { owner }, signal }) {
      const ready = await ground.register.caughtUp(signal)
      if (!ready.ok) return ready
      const { id: _, ...said } = shownOf(ground, owner)
      return accept({ value: said })
    },
  }),
  reads({
    ...{ path: '/api/v1/owners/{owner}/days', tag: 'owners' },
    about: 'What an owner earned day by day, over a year.',
    ...{ params: struct({ owner: peerId<OwnerId>() }), query: nothing, gives: shapes.Days },
    async act({ register }, { params: { owner }, signal }) {
      const ready = await register.caughtUp(signal)
      if (!ready.ok) return ready
      const items = ready.value.daysOf(owner, daysMax).reverse()
      const all = ready.value.owner(owner)?.micro ?? 0
      const before = items.reduce((rest, { micro }) => rest - micro, all)
      return accept({ value: { before: Math.max(0, before), items } })
    },
  }),
  reads({
    ...{ path: '/api/v1/owners/{owner}/jobs', tag: 'owners' },
    about: 'The jobs that an owner has earned with, the newest first.',
    params: struct({ owner: peerId<OwnerId>() }),
    ...{ query: struct({ limit, cursor }), gives: shapes.HelpedPage },
    async act({ register }, { params: { owner }, query, signal }) {
      const ready = await register.caughtUp(signal)
      if (!ready.ok) return ready
      const { limit: count = limits.pageDefault, cursor: below } = query
      const found = ready.value.helped(owner, below ?? Number.MAX_SAFE_INTEGER, count + 1)
      const { items, ...next } = pageOf(found, count, ({ number: at }) => at)
      const jobs = items.map(({ number: _, id, project, ...job }) => ({
        ...{ ...job, id: id as JobId },
        ...(project === null ? {} : { project }),
      }))
      return accept({ value: { items: jobs, ...next } })
    },
  }),
  reads({
    ...{ path: '/api/v1/teams', tag: 'owners' },
    about: 'Teams by what those have earned who say that they are of it.',
    ...{ params: nothing, query: nothing, gives: shapes.Teams },
    async act({ register }, { signal }) {
      const ready = await register.caughtUp(signal)
      if (!ready.ok) return ready
      return accept({ value: { items: register.said.teams(groupsMax) } })
    },
  }),
  reads({
    ...{ path: '/api/v1/countries', tag: 'owners' },
    about: 'Countries that at least five owners who have earned something say they are in.',
    ...{ params: nothing, query: nothing, gives: shapes.Countries },
    async act({ register }, { signal }) {
      const ready = await register.caughtUp(signal)
      if (!ready.ok) return ready
      return accept({ value: register.said.countries() })
    },
  }),
]

/** An owner, as it is shown. */
export async function ownerOf(
  ground: Ground,
  owner: OwnerId,
  signal: AbortSignal,
): Promise<Answer<Infer<typeof shapes.Owner>>> {
  const { register, time } = ground
  const ready = await register.caughtUp(signal)
  if (!ready.ok) return ready
  const reader = ready.value
  const found = reader.owner(owner)
  if (found === undefined)
    return refuse('http.unknown', { at: 'owner', detail: 'who has earned something here' })
  const balances = register.accounts.holdings(accounts.owner(owner))
  const now = time.wall()
  const rank = reader.placeOf('all', owner)
  const near = Math.max(1, (rank ?? reader.ownersOn('all')) - aroundMax)
  const { passes, passedBy } = meetingsOf(found, reader.leaders('all', near, 2 * aroundMax), now)
  const streak = streakOf(reader.daysOf(owner, streakDaysMax), now)
  const jobs = reader.jobsHelped(owner)
  const met = (one: Meeting) => ({ ...one, ...shownOf(ground, one.id) })
  return accept({
    ...found,
    ...{ id: owner, balance: sumOf(balances), balances, streak, jobs },
    nodes: reader.nodesOf(owner, now, '', limits.pageMax) as NodeId[],
    ...shownOf(ground, owner),
    lately: reader.lately(owner),
    places: Object.fromEntries(boards.map((board) => [board, reader.placeOf(board, owner)])),
    owners: reader.ownersOn('all'),
    badges: badgesOf(found, { streak, jobs, time: now }),
    ...(passes === undefined ? {} : { passes: met(passes) }),
    ...(passedBy === undefined ? {} : { passedBy: met(passedBy) }),
  })
}

function soughtOf({ register }: Ground, wanted: string): string[] {
  const key = wanted.trim().replace(/^…/, '')
  const isKey = /^[1-9A-HJ-NP-Za-km-z]{1,52}$/.test(key)
  const byKey = isKey ? register.reads.ownersLike(key, soughtMax) : []
  return [...byKey, ...register.said.named(wanted, soughtMax)]
}

/** The first of those who are looked for by a name or key, or who say that they are of a team. */
function foundBy(
  ground: Ground,
  range: (typeof boards)[number],
  { q, team }: { readonly q: string | undefined; readonly team: string | undefined },
): readonly Leader[] {
  const { reads: reader, said, costly } = ground.register
  if (q === undefined) {
    return costly.of(`${range} ${team}`, () => {
      return reader.leadersAmong(range, said.teamOf(team ?? ''), limits.pageMax)
    })
  }
  const sought = new Set(soughtOf(ground, q))
  const ids = team === undefined ? sought : [...sought].filter((id) => said.of(id).team === team)
  return reader.leadersAmong(range, ids, limits.pageMax)
}

/** What somebody wants to be shown as, if that is so. */
function shownOf({ register }: Ground, id: string) {
  const { exported: _, ...said } = register.said.of(id)
  return { ...said, id: id as OwnerId }
}
