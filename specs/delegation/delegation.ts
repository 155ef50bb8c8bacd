import { type NodeId, type OwnerId, peerId } from '../id/id.ts'
import { limits } from '../limits.ts'
import { choice, constant } from '../schema/scalar.ts'
import type { Infer } from '../schema/schema.ts'
import { struct } from '../schema/struct.ts'
import { where } from '../schema/where.ts'
import type { Document } from '../signed/signed.ts'
import { time } from '../time.ts'

const delegation = where(
  struct({
    v: constant(1),
    owner: peerId<OwnerId>(),
    node: peerId<NodeId>(),
    issued: time(),
    expires: time(),
  }),
  ({ owner, node, issued, expires }, place) => {
    const held = expires - issued
    if (held <= 0 || held > limits.delegationMsMax) {
      const days = limits.delegationMsMax / 86_400_000
      place.below('expires').fault('document.rule', `after it is issued, by at most ${days} days`)
    }
    if ((owner as string) === node) {
      place.below('node').fault('document.rule', 'a node is its own owner without a delegation')
    }
  },
)

/** An owner's statement that a node is theirs. */
export type Delegation = Infer<typeof delegation>

/** Both sign: the owner gives the node its name, and the node gives the owner its credit. */
export const delegationDocument: Document<Delegation> = {
  domain: 'nexapod/delegation/1',
  schema: delegation,
  signers: ({ owner, node }) => [owner, node],
}

const revocation = struct({
  v: constant(1),
  owner: peerId<OwnerId>(),
  node: peerId<NodeId>(),
  by: choice(['owner', 'node'], { about: 'Which of the two ends it; either can alone.' }),
  issued: time({ about: 'Ends every delegation between the two that was issued until then.' }),
})

/** The end of a delegation. */
export type Revocation = Infer<typeof revocation>

/** Signed by the one who ends it. */
export const revocationDocument: Document<Revocation> = {
  domain: 'nexapod/revocation/1',
  schema: revocation,
  signers: ({ by, owner, node }) => [by === 'owner' ? owner : node],
}
