/** The truth: chains of entries, their trees and their proofs. Pure: it runs in a browser. */
export type { Settled } from './bundle/job-facts.ts'
export { JobProver, openJobProof, type ProvenJob } from './bundle/job-proof.ts'
export { type Certified, certifyBalance, openCertificate } from './certificate/certificate.ts'
export { Chain, type Judge, type Taken } from './chain/chain.ts'
export { Changes } from './chain/changes.ts'
export {
  amended,
  type Electorate,
  founded,
  isChange,
  isMember,
  isQuorum,
} from './chain/governance.ts'
export { type Governance, type Stand, standSchema } from './chain/stand.ts'
export { forkProof, openCosigned, openFork } from './chain/witness.ts'
export type { Draft, Work } from './draft.ts'
export { learn, stateRoot } from './fold/learn.ts'
export { passed, strikesMax, struck } from './fold/reputation.ts'
export {
  balanceOf,
  emptyState,
  isAtRest,
  type JobRow,
  ownerOf,
  type Reputation,
  type State,
  type Vote,
} from './fold/state.ts'
export { isDone } from './fold/units.ts'
export { Ledger, type Standing } from './ledger.ts'
export { frozen, Thaw } from './state/frozen.ts'
export { Frontier, type HashedSubtree, joined, type Subtree } from './tree/frontier.ts'
export {
  consistencyPlan,
  extendsTree,
  includes,
  inclusionPlan,
  type Plan,
} from './tree/proof.ts'
