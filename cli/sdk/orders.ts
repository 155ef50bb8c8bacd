import { machineClock, waited } from '@nexapod/mesh'
import {
  type Answer,
  blame,
  type JobId,
  limits,
  type NodeId,
  type OwnerId,
  type PublisherId,
  type Request,
  type Revocation,
  refuse,
  requestDocument,
  revocationDocument,
  type Signer,
  sign,
} from '@nexapod/specs'
import type { Callers } from './callers.ts'

interface Ground {
  readonly callers: Callers
  readonly signer: Signer
}

/**
 * Ends a job of a publisher, by whoever writes its home now. A request is of one epoch: where the
 * chain has changed hands meanwhile, it is signed anew.
 */
export async function cancelJob(
  job: JobId,
  ground: Ground,
  { signal, patienceMs }: { readonly signal: AbortSignal; readonly patienceMs: number },
): Promise<Answer<unknown>> {
  const until = machineClock.now() + patienceMs
  for (;;) {
    const done = await cancelOnce(job, ground, signal)
    if (done.ok || machineClock.now() >= until) return done
    if (blame(done.refusal) !== 'later' && done.refusal.code !== 'request.audience') return done
    await waited(machineClock, limits.pauseMs, signal)
    signal.throwIfAborted()
  }
}

async function cancelOnce(
  job: JobId,
  { callers, signer }: Ground,
  signal: AbortSignal,
): Promise<Answer<unknown>> {
  const home = await callers.homeOf(job, signal)
  if (!home.ok) return home
  const { chain, epoch } = home.value.beacon
  const issued = Date.now()
  const request: Request = {
    ...{ v: 1, from: signer.id as PublisherId, to: chain, epoch, issued },
    // Each counter is above the one before: the clock is, and nobody cancels twice in a moment.
    counter: issued,
    expires: issued + limits.requestMsMax,
    act: { type: 'cancel', job },
  }
  const signed = sign(requestDocument, request, signer)
  return await callers.askSoon(home.value.coordinator, { type: 'act', request: signed }, signal)
}

/** Ends that a node is an owner's: from now on it is its own, for all that are there. */
export async function releaseNode(
  node: NodeId,
  { callers, signer }: Ground,
  signal: AbortSignal,
): Promise<Answer<unknown>> {
  const owner = signer.id as OwnerId
  const revocation: Revocation = { v: 1, owner, node, by: 'owner', issued: Date.now() }
  const question = {
    type: 'revoke',
    revocation: sign(revocationDocument, revocation, signer),
  } as const
  const said = await Promise.all(callers.keys.map((key) => callers.askSoon(key, question, signal)))
  const no = said.find((one) => !one.ok && blame(one.refusal) !== 'later')
  return no ?? said.find(({ ok }) => ok) ?? said[0] ?? refuse('wire.unreachable')
}
