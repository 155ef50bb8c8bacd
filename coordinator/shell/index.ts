/** A coordinator with a clock, a disk and a network around it. */
export type { Compare, Comparison } from './compare.ts'
export type { Coordinator } from './coordinator.ts'
export { type Founding, usualRates } from './founding.ts'
export { type Log, lineLog } from './log.ts'
export { type CoordinatorConfig, openCoordinator } from './open.ts'
export type { EntryView, JobView, NodeView, Status, UnitView, View } from './view.ts'
