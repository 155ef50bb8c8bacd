import {
  delegationDocument,
  limits,
  type Request,
  requestDocument,
  revocationDocument,
  type Signed,
} from '../../specs/index.ts'
import { type FactOf, must, opened, type Step } from './book.ts'

/** What a node is. */
export function learnNode({ book }: Step, { node, tier, platform }: FactOf<'node'>): void {
  const was = book.nodes.get(node)
  const same =
    was?.tier === tier && was.platform.os === platform.os && was.platform.arch === platform.arch
  must(!same, 'node: it differs from what is known')
  book.nodes.set(node, { tier, platform })
}

/** Whose a node is. */
export function learnDelegation(step: Step, fact: FactOf<'delegation'>): void {
  const { book, entry, opening } = step
  const { owner, node, issued, expires } = opened(opening, delegationDocument, fact.delegation)
  must(!isFuture(step, issued), 'delegation: it is not from the future')
  must(entry.time < expires, 'delegation: now is before it expires')
  const before = book.delegations.get(node)
  must(before === undefined || before.issued < issued, 'delegation: no later one of the node')
  const ended = book.revocations.get(`${owner}/${node}`)
  must(ended === undefined || ended.issued < issued, 'delegation: no later revocation')
  book.delegations.set(node, { owner, issued, expires })
}

/** Whose it is no longer. */
export function learnRevocation(step: Step, fact: FactOf<'revocation'>): void {
  const { book, opening } = step
  const { owner, node, issued } = opened(opening, revocationDocument, fact.revocation)
  must(!isFuture(step, issued), 'revocation: it is not from the future')
  const ended = book.revocations.get(`${owner}/${node}`)
  must(ended === undefined || ended.issued < issued, 'revocation: no later one between the two')
  book.revocations.set(`${owner}/${node}`, { issued })
  const delegation = book.delegations.get(node)
  if (delegation?.owner !== owner || delegation.issued > issued) return
  book.delegations.set(node, { ...delegation, expires: delegation.issued })
}

/** A request that is carried out: fact.md, requests. Its counter is used up. */
export function carriedOut(step: Step, signed: Signed<Request>): Request {
  const { book, entry, opening } = step
  const request = opened(opening, requestDocument, signed)
  must(request.to === book.chain, 'request: it is to this chain')
  must(request.epoch === entry.epoch, 'request: it is of this epoch')
  must(!isFuture(step, request.issued), 'request: it is not from the future')
  must(entry.time <= request.expires + limits.clockSkewMs, 'request: it has not expired')
  const last = book.counters.get(request.from) ?? 0
  must(request.counter > last, 'request: its counter is higher than any before')
  book.counters.set(request.from, request.counter)
  return request
}

function isFuture({ entry }: Step, issued: number): boolean {
  return issued > entry.time + limits.clockSkewMs
}
