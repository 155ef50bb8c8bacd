import { checkpointDocument, cosignatureDocument } from '../checkpoint/checkpoint.ts'
import { digest, type JobId } from '../id/id.ts'
import { limits } from '../limits.ts'
import { list } from '../schema/list.ts'
import { bytes, constant, int } from '../schema/scalar.ts'
import type { Infer } from '../schema/schema.ts'
import { sized } from '../schema/sized.ts'
import { struct } from '../schema/struct.ts'
import { signedSchema } from '../signed/signed.ts'
import { rowSchemas } from '../state/state.ts'

const hash = bytes({ size: 32 })

/** A verdict and a payment for each unit of the largest job. */
const entriesMax = 2 * limits.sweepUnitsMax

/** Less than any entry has: so a proof of some megabytes holds thousands of them, not millions. */
const entryBytesMin = 100

const jobProof = struct({
  v: constant(1),
  job: digest<JobId>(),
  checkpoint: signedSchema(checkpointDocument),
  cosignatures: list(signedSchema(cosignatureDocument), { max: limits.rosterMax }),
  /** What the state has of the job, once it has ended. */
  row: struct({
    value: rowSchemas.job,
    place: int({ min: 0, max: limits.entriesMax - 1 }),
    capacity: int({ min: 1, max: limits.entriesMax, about: 'How many places the tree has.' }),
    path: list(hash, { max: limits.pathHashesMax }),
  }),
  entries: list(
    bytes({ min: entryBytesMin, max: limits.entryBytesMax, about: 'As the chain has it.' }),
    { min: 1, max: entriesMax, about: 'In the order of the chain.' },
  ),
  hashes: list(hash, {
    max: entriesMax,
    about: 'Of all that the entries do not stand in, from left to right.',
  }),
})

/** The schema of the proof of a job: what its units gave, to whoever knows the mesh alone. */
export const jobProofSchema = sized(jobProof, limits.jobProofBytesMax)

/** The proof of what the units of a job gave. */
export type JobProof = Infer<typeof jobProofSchema>
