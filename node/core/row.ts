import {
  acknowledgementDocument,
  type ChainId,
  type CoordinatorId,
  digest,
  type Infer,
  int,
  leaseDocument,
  limits,
  manifestSchema,
  oneOf,
  peerId,
  receiptDocument,
  signedSchema,
  time,
} from '@nexapod/specs'

const lease = signedSchema(leaseDocument)

/** The schema of what a node keeps on its disk, one row for each. */
export const rowSchema = oneOf({
  /** A unit that was taken and has no result yet. */
  lease: { lease },
  /** A result that was signed, with all that is delivered with it. */
  receipt: { lease, receipt: signedSchema(receiptDocument), manifest: manifestSchema },
  /** A coordinator's word that it has the receipt of that name on its disk. */
  acknowledgement: { acknowledgement: signedSchema(acknowledgementDocument) },
  /** The last that its owner said from afar: it is not obeyed again. */
  order: { issued: time() },
  /** A coordinator that welcomed the node, and what it wrote then. */
  coordinator: {
    coordinator: peerId<CoordinatorId>(),
    chain: digest<ChainId>(),
    epoch: int({ min: 0, max: limits.epochMax }),
  },
})

/** What a node keeps on its disk. */
export type Row = Infer<typeof rowSchema>

/** What a row is called by: its kind, and the key of its execution or its coordinator. */
export type RowName = `${Row['type']}/${string}`

/** A row under its name, as the shell keeps it. */
export interface Named {
  readonly name: RowName
  readonly row: Row
}
