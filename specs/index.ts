/** The contract: every document of NEXAPod, its schema, its signature and its limits. */
export * from './bytes/bytes.ts'
export { sha256, sha256Into, sha256Of } from './bytes/digest.ts'
export * from './bytes/text.ts'
export * from './certificate/certificate.ts'
export * from './certificate/job-proof.ts'
export * from './checkpoint/checkpoint.ts'
export * from './delegation/delegation.ts'
export * from './entry/entry.ts'
export * from './fact/fact.ts'
export * from './fact/seal.ts'
export * from './id/id.ts'
export { type Draft, descriptorForm, parseDescriptor } from './job/descriptor.ts'
export {
  type Executor,
  type Input,
  type Job,
  jobDocument,
  jobId,
  jobSchema,
  namedImage,
  projectName,
} from './job/job.ts'
export { inside, isBelow, overlap } from './job/path.ts'
export { jobOf, type Terms, unresolved } from './job/resolve.ts'
export type { Source } from './job/source.ts'
export { unitCount } from './job/sweep.ts'
export * from './job/units.ts'
export { type Execution, executionSchema, type Lease, leaseDocument } from './lease/lease.ts'
export { limits } from './limits.ts'
export * from './mesh/beacon.ts'
export {
  type Change,
  changeId,
  changeSchema,
  openChange,
} from './mesh/change.ts'
export {
  dialled,
  formatInvitation,
  type Invitation,
  openInvited,
  parseInvitation,
} from './mesh/invitation.ts'
export {
  earned,
  leastQuorum,
  type Mesh,
  meshDocument,
  meshId,
  metered,
  priced,
  type RateCard,
  type Rates,
  type Roster,
  rateCardDocument,
  ratesSchema,
  rosterDocument,
  rosterFields,
} from './mesh/mesh.ts'
export { type Offer, offerSchema, tier } from './offer/offer.ts'
export * from './order/order.ts'
export * from './receipt/receipt.ts'
export * from './refusal/refusal.ts'
export * from './refusal/refusals.ts'
export * from './request/request.ts'
export * from './result/result.ts'
export { list } from './schema/list.ts'
export { nearest } from './schema/nearest.ts'
export { oneOf } from './schema/one-of.ts'
export { bool, bytes, choice, constant, int } from './schema/scalar.ts'
export type { Form, Infer, Json, JsonSchema, Schema } from './schema/schema.ts'
export { optional, struct } from './schema/struct.ts'
export { text } from './schema/text.ts'
export { ed25519, type Signer, soundKey } from './signed/ed25519.ts'
export * from './signed/merkle.ts'
export * from './signed/signed.ts'
export * from './state/state.ts'
export { time } from './time.ts'
export * from './transfer/account.ts'
export {
  type Purpose,
  purposeSchema,
  type Transfer,
  transferId,
  transferSchema,
} from './transfer/transfer.ts'
export * from './wire/ballot.ts'
export * from './wire/call.ts'
export * from './wire/data.ts'
export * from './wire/protocols.ts'
export * from './wire/work.ts'
