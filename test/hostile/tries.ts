import { triesOfCalls } from './of-calls.ts'
import { triesOfHttp } from './of-http.ts'
import { triesOfNode } from './of-node.ts'
import { triesOfResults } from './of-results.ts'
import { triesOfCrowds, triesOfTheRoad } from './of-road.ts'
import { triesOfWork } from './of-work.ts'
import type { Try } from './try.ts'

/** All that is tried, in the order in which `pnpm hostile` does. */
export const tries: readonly Try[] = [
  ...triesOfWork,
  ...triesOfResults,
  ...triesOfCalls,
  ...triesOfHttp,
  ...triesOfTheRoad,
  ...triesOfCrowds,
  ...triesOfNode,
]

/** All of it that does not take long, in lines that can be tried side by side. */
export const lanes: readonly (readonly Try[])[] = [
  [...triesOfWork, ...triesOfResults, ...triesOfCalls],
  triesOfHttp,
  [...triesOfTheRoad, ...triesOfCrowds],
  triesOfNode,
].map((lane) => lane.filter(({ isLong }) => !isLong))
