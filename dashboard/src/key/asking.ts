import {
  type ChainId,
  type Document,
  encode,
  fromJson,
  limits,
  type NodeId,
  type OwnerId,
  orderDocument,
  type Request,
  requestDocument,
  revocationDocument,
  type Signer,
  sign,
  signedSchema,
} from '@nexapod/specs'
import { ask, send } from '../api/ask.ts'
import type { Status } from '../api/shown.ts'
import { faultsOf, faultTold } from '../publish/fault.ts'
import type { Act, NodeOrder, Tried } from '../publish/told.ts'

/** What a request stands on. */
interface Ground {
  readonly base: string
  readonly signer: Signer
  readonly now: () => number
}

/** Asks the chain for something, with a signature: once, soon, and there alone. */
export async function request(ground: Ground, act: Act): Promise<Tried<undefined>> {
  const { base, signer, now } = ground
  const status = await ask<Status>(base, 'api/v1/status')
  if (!status.ok) return { ok: false, faults: [faultTold(status.problem)] }
  const { chain, epoch } = status.value
  const issued = now()
  const written = {
    ...{ v: 1, from: signer.id, to: chain as ChainId, epoch, issued },
    // Each counter is above the one before: the clock is, and nobody asks twice in a moment.
    counter: issued,
    expires: issued + limits.requestMsMax,
    act,
  }
  // What a person has typed is held to the schema before it is signed.
  const read = fromJson(requestDocument.schema, written)
  if (!read.ok) return { ok: false, faults: faultsOf(read) }
  return await sent<Request>(ground, 'api/v1/requests', requestDocument, read.value)
}

/** Ends that a node is this key's. */
export async function release(ground: Ground, node: string): Promise<Tried<undefined>> {
  const owner = ground.signer.id as OwnerId
  const says = { v: 1, owner, node: node as NodeId, by: 'owner', issued: ground.now() } as const
  return await sent(ground, 'api/v1/revocations', revocationDocument, says)
}

/** Tells a node of this key what to do; that it was handed over is all that is known then. */
export async function order(
  ground: Ground,
  { node, order: what }: { readonly node: string; readonly order: NodeOrder },
): Promise<Tried<undefined>> {
  const owner = ground.signer.id as OwnerId
  const issued = ground.now()
  const expires = issued + limits.requestMsMax
  const says = { v: 1, owner, node: node as NodeId, order: what, issued, expires } as const
  return await sent(ground, 'api/v1/orders', orderDocument, says)
}

async function sent<T>(
  { base, signer }: Ground,
  path: string,
  document: Document<T>,
  says: NoInfer<T>,
): Promise<Tried<undefined>> {
  const bytes = encode(signedSchema(document), sign(document, says, signer))
  const body = new Blob([new Uint8Array(bytes)], { type: 'application/cbor' })
  const said = await send(base, path, body, new AbortController().signal)
  return said.ok ? { ok: true, value: undefined } : { ok: false, faults: [faultTold(said.problem)] }
}
