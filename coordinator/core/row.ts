import {
  bool,
  bytes,
  type Infer,
  int,
  type JobId,
  jobDocument,
  limits,
  manifestSchema,
  oneOf,
  outcomeSchema,
  type PeerId,
  receiptDocument,
  requestDocument,
  signedSchema,
  text,
} from '@nexapod/specs'

/** The schema of what a coordinator keeps on its disk beside the chain, one row for each. */
export const rowSchema = oneOf({
  /** A job that has not ended, as its publisher signed it. */
  job: { job: signedSchema(jobDocument) },
  /** A receipt whose digest is sealed, until its unit is decided. */
  receipt: {
    receipt: signedSchema(receiptDocument),
    manifest: manifestSchema,
    network: text({ kind: 'line', max: 64 }),
    round: int({ min: 0, max: limits.slotsMax }),
    referee: bool({ about: 'Whether it was asked for after the unit would have been accepted.' }),
  },
  /** What was accepted, until it is final. */
  outcome: { outcome: outcomeSchema },
  /** What a key asked to be shown as last, by a name or by none: its counter is used. */
  name: { request: signedSchema(requestDocument) },
  /** The epoch in which a quorum has cosigned: from then on anything may be promised in it. */
  firm: { epoch: int({ min: 0, max: limits.epochMax }) },
  /** What audits are drawn by, until the next is. */
  seed: { seed: bytes({ size: 32 }) },
})

/** What a coordinator keeps on its disk beside the chain. */
export type Row = Infer<typeof rowSchema>

/** A row under its name; without a row, the name is forgotten. */
export interface Named {
  readonly name: string
  readonly row?: Row
}

/** What the row of a job is called by. */
export function jobRow(job: JobId): string {
  return `job/${job}`
}

/** What the row of a receipt is called by. */
export function receiptRow(job: JobId, unit: number, slot: number): string {
  return `receipt/${job}/${unit}/${slot}`
}

/** What the row of an accepted outcome is called by. */
export function outcomeRow(job: JobId, unit: number): string {
  return `outcome/${job}/${unit}`
}

/** What the row of a name is called by. */
export function nameRow(key: PeerId): string {
  return `name/${key}`
}

/** What the row of a firm epoch is called by. */
export const firmRow = 'firm'

/** What the row of the seed is called by. */
export const seedRow = 'seed'
