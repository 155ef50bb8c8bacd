/** The half of a node that runs in a tab: a unit becomes a task, is run, and gives a manifest. */
export type { Content, Ended, FileAt, OnLog, Output, UnitSpec } from '../executors/executor.ts'
export { type AddOutput, manifestOf } from '../executors/manifest.ts'
export { answerOf, benchmarkTask, known } from '../executors/wasm/benchmark/known.ts'
export { type Admitted, admit } from '../executors/wasm/run/module.ts'
export { type Module, run } from '../executors/wasm/run/run.ts'
export type { Failed, Ran, Task } from '../executors/wasm/run/task.ts'
export { taskOf } from '../executors/wasm/run/task-of.ts'
