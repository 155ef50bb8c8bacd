/** A coordinator with a clock, a disk and a network around it. */
export type { Compare, Comparison } from './compare.ts'
export { Coordinator, type CoordinatorConfig, openCoordinator } from './coordinator.ts'
export { type Founding, usualRates } from './founding.ts'
export { type Log, lineLog } from './log.ts'
export type { EntryView, JobView, NodeView, Status, UnitView, View } from './view.ts'
