import {
  delegationDocument,
  type Fact,
  limits,
  type Request,
  requestDocument,
  revocationDocument,
  type Signed,
} from '@nexapod/specs'
import { type Learning, opened } from './learning.ts'
import { must } from './rule.ts'

type Of<T extends Fact['type']> = Fact & { readonly type: T }

/** A node of this tier and platform was taken in, or is another now. */
export function learnNode({ state }: Learning, { node, tier, platform }: Of<'node'>): void {
  const last = state.nodes.get(node)
  const differs =
    last === undefined ||
    last.tier !== tier ||
    last.platform.os !== platform.os ||
    last.platform.arch !== platform.arch
  must(differs, 'a node is known as it is')
  state.nodes.set(node, { tier, platform })
}

/** A node has this owner from now on: the later delegation ends the earlier for good. */
export function learnDelegation(learning: Learning, fact: Of<'delegation'>): void {
  const { state, entry } = learning
  const { owner, node, issued, expires } = opened(learning, delegationDocument, fact.delegation)
  must(entry.time < expires, 'a delegation is learnt before it expires')
  notFromTheFuture(issued, entry.time)
  const last = state.delegations.get(node)
  must(last === undefined || last.issued < issued, 'a delegation is later than the one before')
  const ended = state.revocations.get(`${owner}/${node}`)
  must(ended === undefined || ended.issued < issued, 'a delegation is later than its revocation')
  state.delegations.set(node, { owner, issued, expires })
}

/** A node has this owner no more. */
export function learnRevocation(learning: Learning, fact: Of<'revocation'>): void {
  const { state, entry } = learning
  const { owner, node, issued } = opened(learning, revocationDocument, fact.revocation)
  notFromTheFuture(issued, entry.time)
  const key = `${owner}/${node}`
  const last = state.revocations.get(key)
  must(last === undefined || last.issued < issued, 'a revocation is later than the one before')
  state.revocations.set(key, { issued })
  const held = state.delegations.get(node)
  // The delegation stays as one that is over, so that none from before it can come back.
  if (held?.owner === owner && held.issued <= issued) {
    state.delegations.set(node, { ...held, expires: held.issued })
  }
}

/** What is issued in the future would end all before it: clocks differ, but not so far. */
function notFromTheFuture(issued: number, time: number): void {
  must(issued <= time + limits.clockSkewMs, 'nothing is issued in the future')
}

/** What a key asks of this chain: in time, and with a counter that it has not used. */
export function asked(learning: Learning, signed: Signed<Request>): Request {
  const { state, entry } = learning
  const request = opened(learning, requestDocument, signed)
  must(request.to === entry.chain, 'a request is for this chain')
  must(request.epoch === entry.epoch, 'a request is for this epoch')
  must(entry.time <= request.expires + limits.clockSkewMs, 'a request is carried out in time')
  notFromTheFuture(request.issued, entry.time)
  const last = state.counters.get(request.from)?.count ?? 0
  must(request.counter > last, 'a counter is used once')
  state.counters.set(request.from, { count: request.counter })
  return request
}
