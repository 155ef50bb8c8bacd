import type { Mutation } from './mutation.ts'
import { ofCoordinator } from './of-coordinator.ts'
import { ofCredit } from './of-credit.ts'
import { ofLedger } from './of-ledger.ts'
import { ofNode } from './of-node.ts'

/** Every mutation, by the room whose rule it breaks. */
export const mutations: readonly Mutation[] = [
  ...ofCoordinator,
  ...ofCredit,
  ...ofNode,
  ...ofLedger,
]
