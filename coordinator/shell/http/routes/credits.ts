import {
  type Account,
  accept,
  accountSchema,
  limits,
  projectName,
  refuse,
  type Schema,
  struct,
} from '@nexapod/specs'
import { after, cursor, limit, pageOf } from '../query.ts'
import { sumOf } from '../register/accounts.ts'
import { nothing, type Route, reads } from '../route.ts'
import { shapes } from '../shapes.ts'

/** What jobs are for. */
export const projectRoutes: readonly Route[] = [
  reads({
    ...{ path: '/api/v1/projects', tag: 'projects', about: 'Projects by name.' },
    ...{ params: nothing, query: struct({ limit, cursor: after }), gives: shapes.ProjectPage },
    async act({ register }, { query, signal }) {
      const ready = await register.caughtUp(signal)
      if (!ready.ok) return ready
      const { limit: count = limits.pageDefault, cursor: from = '' } = query
      return accept({ value: pageOf(ready.value.projects(from, count + 1), count, (p) => p.name) })
    },
  }),
  reads({
    ...{ path: '/api/v1/projects/{project}', tag: 'projects', about: 'A project.' },
    ...{ params: struct({ project: projectName }), query: nothing, gives: shapes.Project },
    async act({ register }, { params: { project }, signal }) {
      const ready = await register.caughtUp(signal)
      if (!ready.ok) return ready
      const found = ready.value.project(project)
      if (found === undefined)
        return refuse('http.unknown', { at: 'project', detail: 'a project of a job' })
      return accept({ value: found })
    },
  }),
]

const account = accountSchema as Schema<Account>

/** Credit, and how it moved. */
export const creditRoutes: readonly Route[] = [
  reads({
    ...{
      path: '/api/v1/credits',
      tag: 'credits',
      about: 'What is in an account: all, and by chain.',
    },
    ...{ params: nothing, query: struct({ account }), gives: shapes.Credit },
    async act({ register }, { query: { account }, signal }) {
      const ready = await register.caughtUp(signal)
      if (!ready.ok) return ready
      const chains = register.accounts.holdings(account)
      return accept({ value: { account, micro: sumOf(chains), chains } })
    },
  }),
  reads({
    ...{ path: '/api/v1/credits/history', tag: 'credits' },
    about:
      'What came into an account and left it, on all chains, the newest first; of owner/, bond/, \
escrow/, bridge/ and slash.',
    ...{ params: nothing, query: struct({ account, limit, cursor }), gives: shapes.MovePage },
    async act({ register }, { query, signal }) {
      const ready = await register.caughtUp(signal)
      if (!ready.ok) return ready
      const { limit: count = limits.pageDefault, cursor: behind } = query
      const found = register.accounts.moves(query.account, behind, count + 1)
      const { items, ...next } = pageOf(found, count, ({ number }) => number)
      return accept({ value: { items: items.map(({ number: _, ...move }) => move), ...next } })
    },
  }),
]
