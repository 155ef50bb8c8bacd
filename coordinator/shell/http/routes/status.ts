import { accept, type Code, choice, refusals, struct } from '@nexapod/specs'
import { statusOf } from '../here.ts'
import { nothing, type Route, reads } from '../route.ts'
import { shapes } from '../shapes.ts'

const tag = 'status'

/** What this program is called by: as in package.json, which a bundle does not have. */
export const version = { version: '0.1.0', api: 'v1' }

/** How the coordinator does. */
export const statusRoutes: readonly Route[] = [
  reads({
    ...{ path: '/api/v1/status', tag, about: 'How the coordinator does, and how to join.' },
    ...{ params: nothing, query: nothing, gives: shapes.Status },
    async act({ judge }) {
      const status = await statusOf(judge)
      if (!status.ok) return status
      const addresses = judge.addresses()
      const said = { coordinator: judge.id, addresses, invitation: judge.invitation() }
      return accept({ value: { ...status.value, ...said } })
    },
  }),
  reads({
    ...{ path: '/healthz', tag, about: 'Whether the process answers.' },
    ...{ params: nothing, query: nothing, gives: shapes.Health },
    act: async () => accept({ value: { ok: true } }),
  }),
  reads({
    ...{ path: '/readyz', tag, about: 'Whether it takes jobs: its disk writes, all is read.' },
    ...{ params: nothing, query: nothing, gives: shapes.Health },
    async act({ judge, register }, { signal }) {
      const status = await judge.view.status()
      if (!status.ok) return status
      if (status.value.frozen) return { ok: false, refusal: { code: 'ledger.forked' } }
      if (status.value.draining) return { ok: false, refusal: { code: 'wire.closing' } }
      const reads = await register.caughtUp(signal)
      return reads.ok ? accept({ value: { ok: true } }) : reads
    },
  }),
  reads({
    ...{ path: '/version', tag, about: 'What runs here.' },
    ...{ params: nothing, query: nothing, gives: shapes.Version },
    act: async () => accept({ value: version }),
  }),
  reads({
    ...{ path: '/problems/{code}', tag, about: 'What a refusal means, and what to do.' },
    params: struct({ code: choice(Object.keys(refusals) as Code[]) }),
    ...{ query: nothing, gives: shapes.Refusal },
    async act(_, { params: { code } }) {
      const { fault, http, what, todo } = refusals[code]
      return accept({ value: { code, fault, status: http, title: what, todo } })
    },
  }),
]
