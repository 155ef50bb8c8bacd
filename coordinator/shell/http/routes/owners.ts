import {
  accept,
  accounts,
  choice,
  limits,
  type NodeId,
  type OwnerId,
  optional,
  type PeerId,
  peerId,
  refuse,
  struct,
  text,
} from '@nexapod/specs'
import type { Ground } from '../ground.ts'
import { limit, pageOf } from '../query.ts'
import type { Range } from '../register/ranges.ts'
import { nothing, type Route, reads } from '../route.ts'
import { shapes } from '../shapes.ts'

const dayMs = 24 * 3_600_000

const leaderCursor = optional(
  text({
    pattern: '^[1-9][0-9]{0,9}\\.[1-9][0-9]{0,15}\\.12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$',
    name: 'the `next` of the page before',
    max: 96,
    about: 'The `next` of the page before.',
  }),
)

/** Owners, and the order of what they have earned. */
export const ownerRoutes: readonly Route[] = [
  reads({
    ...{ path: '/api/v1/wall', tag: 'owners' },
    about: 'Owners by what they have earned, in all or in the last day, week or month.',
    params: nothing,
    query: struct({
      ...{ limit, cursor: leaderCursor },
      range: optional(choice(['all', 'day', 'week', 'month'])),
    }),
    gives: shapes.LeaderPage,
    async act(ground, { query, signal }) {
      const ready = await ground.register.caughtUp(signal)
      if (!ready.ok) return ready
      const { limit: count = limits.pageDefault, range = 'all', cursor: from } = query
      const [before = '0', micro = `${Number.MAX_SAFE_INTEGER}`, id = '~'] = from?.split('.') ?? []
      const below = { micro: Number(micro), id }
      const found = leadersOf(ground, range, below, count + 1)
      const ranked = found.map((one, i) => ({ ...one, rank: Number(before) + 1 + i }))
      const { items, ...next } = pageOf(ranked, count, (o) => `${o.rank}.${o.micro}.${o.id}`)
      const named = await Promise.all(
        items.map(async (one) => ({ ...one, ...(await nameOf(ground, one.id)) })),
      )
      return accept({ value: { items: named, ...next } })
    },
  }),
  reads({
    ...{ path: '/api/v1/owners/{owner}', tag: 'owners' },
    about: 'An owner: what it earned, what of that is pending, what it can spend, its nodes.',
    ...{ params: struct({ owner: peerId<OwnerId>() }), query: nothing, gives: shapes.Owner },
    async act(ground, { params: { owner }, signal }) {
      const ready = await ground.register.caughtUp(signal)
      if (!ready.ok) return ready
      const found = ready.value.owner(owner)
      if (found === undefined)
        return refuse('http.unknown', { at: 'owner', detail: 'who has earned something here' })
      const balance = await ground.judge.view.balance(accounts.owner(owner))
      if (!balance.ok) return balance
      const nodes = ready.value.nodesOf(owner, ground.time.wall(), '', limits.pageMax)
      return accept({
        value: {
          ...found,
          ...{ id: owner, balance: balance.value, nodes: nodes as NodeId[] },
          ...(await nameOf(ground, owner)),
          lately: ready.value.lately(owner),
        },
      })
    },
  }),
]

interface Place {
  readonly micro: number
  readonly id: string
}

function leadersOf(
  { register, time }: Ground,
  range: Range | 'all',
  below: Place,
  count: number,
): { readonly id: OwnerId; readonly micro: number; readonly microPerDay: number }[] {
  const { reads: from } = register
  if (range !== 'all') {
    const days = from.daysOf(range)
    return from.leadersOf(range, below, count).map(({ id, micro }) => {
      return { id: id as OwnerId, micro, microPerDay: Math.floor(micro / days) }
    })
  }
  return from.leaders(below, count).map(({ id, micro, since }) => {
    const days = Math.max(1, Math.ceil((time.wall() - since) / dayMs))
    return { id: id as OwnerId, micro, microPerDay: Math.floor(micro / days) }
  })
}

/** What somebody wants to be shown as, if that is so. */
async function nameOf({ judge }: Ground, id: PeerId): Promise<{ readonly name?: string }> {
  const name = await judge.view.name(id)
  return name.ok && name.value !== undefined ? { name: name.value } : {}
}
