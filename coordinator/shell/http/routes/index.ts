import type { Route } from '../route.ts'
import { creditRoutes, projectRoutes } from './credits.ts'
import { dataRoutes } from './data.ts'
import { jobRoutes } from './jobs.ts'
import { ledgerRoutes } from './ledger.ts'
import { metricsRoute } from './metrics.ts'
import { nodeRoutes } from './nodes.ts'
import { ownerRoutes } from './owners.ts'
import { publicRoutes } from './public.ts'
import { requestRoutes } from './requests.ts'
import { statusRoutes } from './status.ts'
import { streamRoute } from './stream.ts'

/** Every address of the API, but that of its own description. */
export const routes: readonly Route[] = [
  ...jobRoutes,
  ...requestRoutes,
  ...dataRoutes,
  ...nodeRoutes,
  ...ownerRoutes,
  ...publicRoutes,
  ...projectRoutes,
  ...creditRoutes,
  ...ledgerRoutes,
  streamRoute,
  ...statusRoutes,
  metricsRoute,
]
