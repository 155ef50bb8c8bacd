/** What runs modules, for whoever runs them without being a node. */
export type { Content, FileAt, Room } from './executor.ts'
export { Pool } from './wasm/pool/pool.ts'
export { taskOf } from './wasm/run/task-of.ts'
