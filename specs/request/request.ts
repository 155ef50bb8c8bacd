import { type ChainId, digest, type JobId, type NodeId, type PeerId, peerId } from '../id/id.ts'
import { line } from '../job/job.ts'
import { limits } from '../limits.ts'
import { oneOf } from '../schema/one-of.ts'
import { bool, bytes, constant, int } from '../schema/scalar.ts'
import type { Infer } from '../schema/schema.ts'
import { optional, struct } from '../schema/struct.ts'
import { text } from '../schema/text.ts'
import { where } from '../schema/where.ts'
import type { Document } from '../signed/signed.ts'
import { time } from '../time.ts'

const country = text({
  ...{ pattern: '^[A-Z]{2}$', name: 'two capital letters of ISO 3166-1', max: 2 },
  about: 'Where to be counted, as far as the key wants to say.',
})

const request = where(
  struct({
    v: constant(1),
    from: peerId(),
    to: digest<ChainId>({ about: 'The one chain that may carry it out.' }),
    epoch: int({ min: 0, max: limits.epochMax }),
    counter: int({ min: 1, max: limits.entriesMax, about: 'More than in any request before.' }),
    issued: time(),
    expires: time(),
    act: oneOf({
      cancel: { job: digest<JobId>() },
      depart: {
        to: digest<ChainId>({ about: 'The chain that the credit goes to.' }),
        micro: int({ min: 1, max: limits.microMax }),
        nonce: bytes({ size: 16 }),
      },
      bond: { node: peerId<NodeId>(), micro: int({ min: 1, max: limits.microMax }) },
      name: {
        name: optional(line('What to be shown as; none takes the name away.')),
        country: optional(country),
        team: optional(line('Whom to be counted with: all who say the same.')),
        exported: optional(bool({ about: 'Whether sites that compare projects may list it.' })),
      },
    }),
  }),
  ({ issued, expires }, place) => {
    if (expires > issued && expires - issued <= limits.requestMsMax) return
    const minutes = limits.requestMsMax / 60_000
    place.below('expires').fault('document.rule', `after it is issued, by at most ${minutes} min`)
  },
)

/** Something that a key asks of a chain: once, soon, and there alone. */
export type Request = Infer<typeof request>

/** Signed by whoever asks. */
export const requestDocument: Document<Request> = {
  domain: 'nexapod/request/1',
  schema: request,
  signers: ({ from }): PeerId[] => [from],
}
