import { triesOfCalls } from './of-calls.ts'
import { triesOfWork } from './of-work.ts'
import type { Try } from './try.ts'

/** All that is tried, in the order in which `pnpm hostile` does. */
export const tries: readonly Try[] = [...triesOfWork, ...triesOfCalls]
