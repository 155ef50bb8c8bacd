/** The hand: what a node does, as a machine without clock, disk or network; and what runs units. */
export { type Begun, begin } from './core/begin.ts'
export type { Effect, News } from './core/effect.ts'
export type { Ended, Event, Moment, Order, Why } from './core/event.ts'
export { whyIdle } from './core/idle.ts'
export { type Limits, limitsSchema } from './core/limits/limits.ts'
export type { Machine, Observations } from './core/limits/observations.ts'
export { type Offered, offeredNow } from './core/limits/offered.ts'
export { explainReason, type Reason, type ReasonCode, reasons } from './core/limits/reasons.ts'
export { type Named, type Row, rowSchema } from './core/row.ts'
export type { Setting, State } from './core/state.ts'
export { step } from './core/step.ts'
export type {
  Capability,
  Content,
  Ended as EndedUnit,
  Executed,
  Executor,
  FileAt,
  OnLog,
  Output,
  Room,
  UnitSpec,
} from './executors/executor.ts'
export { machineOf, observedAt } from './executors/machine.ts'
export { type AddOutput, manifestOf } from './executors/manifest.ts'
export { openWasmExecutor } from './executors/wasm/wasm-executor.ts'
