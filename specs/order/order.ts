import { type NodeId, type OwnerId, peerId } from '../id/id.ts'
import { limits } from '../limits.ts'
import { choice, constant } from '../schema/scalar.ts'
import type { Infer } from '../schema/schema.ts'
import { struct } from '../schema/struct.ts'
import { where } from '../schema/where.ts'
import type { Document } from '../signed/signed.ts'
import { time } from '../time.ts'

const order = where(
  struct({
    v: constant(1),
    owner: peerId<OwnerId>(),
    node: peerId<NodeId>(),
    order: choice(['pause', 'resume', 'finish'], { about: 'What it is to do from now on.' }),
    issued: time({ about: 'Later than all that the node was told before.' }),
    expires: time(),
  }),
  ({ owner, node, issued, expires }, place) => {
    if (expires <= issued || expires - issued > limits.requestMsMax) {
      const minutes = limits.requestMsMax / 60_000
      place.below('expires').fault('document.rule', `after it is issued, by at most ${minutes} min`)
    }
    if ((owner as string) === node) {
      place.below('node').fault('document.rule', 'a node gives itself no orders')
    }
  },
)

/** What an owner tells a node of theirs to do, from afar. */
export type Order = Infer<typeof order>

/** Signed by the owner: whoever carries it can neither make nor change one. */
export const orderDocument: Document<Order> = {
  domain: 'nexapod/order/1',
  schema: order,
  signers: ({ owner }) => [owner],
}
