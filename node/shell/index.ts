/** A node with a clock, a disk, executors and a mesh around it. */
export { claimNode } from './claim.ts'
export { processConfig, usage } from './config.ts'
export { lockDirectory } from './lock.ts'
export { Node, type NodeConfig, openNode, type Told } from './node.ts'
export type { NodeStatus, UnitStatus } from './status.ts'
