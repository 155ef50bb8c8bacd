/** The judge: admits jobs, leases their units, decides on the results and writes a ledger. */
export { type Begun, begin } from './core/begin.ts'
export type { Effect, News } from './core/effect.ts'
export type { Deed, Event, Moment, Over } from './core/event.ts'
export { DataIndex, dataOf } from './core/match/data.ts'
export { type Lending, lendingOf, platformText } from './core/match/lending.ts'
export { against, allAgainst } from './core/match/match.ts'
export { type JobNeeds, type Needs, needsOf, type Trust } from './core/match/needs.ts'
export { type Reader, type Reason, reasons, tell } from './core/match/reasons.ts'
export { type Class, type Stands, type Tally, whyIdle, whyWaiting } from './core/match/tally.ts'
export { type Policy, usualPolicy } from './core/queue/policy.ts'
export { type Admission, type Given, type Nothing, type Open, Queue } from './core/queue/queue.ts'
export type { Asker, Draw } from './core/queue/search.ts'
export { rowsFrom } from './core/recover.ts'
export { aged, type Counted, noRecord, recorded, shown } from './core/reputation/reputation.ts'
export { isRarer, wilson } from './core/reputation/wilson.ts'
export { type Named, type Row, rowSchema } from './core/row.ts'
export { type Probes, type Rules, type Setting, usualRules } from './core/setting.ts'
export { type Stage, stageOf } from './core/stage.ts'
export type { State } from './core/state.ts'
export { step } from './core/step.ts'
export { suits, unasked } from './core/verdict/asked.ts'
export { decide } from './core/verdict/decide.ts'
export { isDrawn } from './core/verdict/draw.ts'
export { type JobPlatforms, noPlatforms, platformsAfter } from './core/verdict/job-platforms.ts'
export { type Judgement, judge } from './core/verdict/judge.ts'
export { isInTurn } from './core/verdict/turns.ts'
export {
  type Accepted,
  type Decision,
  isAnchor,
  type Known,
  type Terms,
  type Vote,
  type Wanted,
} from './core/verdict/vote.ts'
export { type IdleNow, type JobWaits, whyIdleNow, whyJobWaits } from './core/why.ts'
