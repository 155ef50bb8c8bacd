import { machineClock, waited } from '@nexapod/mesh'
import {
  type Answer,
  accept,
  blame,
  type ChainId,
  checkpointDocument,
  decode,
  entrySchema,
  type Fact,
  leastQuorum,
  limits,
  type OwnerId,
  open,
  type Question,
  type Request,
  refuse,
  requestDocument,
  type Signer,
  sign,
} from '@nexapod/specs'
import type { Callers, Home } from './callers.ts'

/** Credit that is to go from one chain to another: by the nonce it is the same move for ever. */
export interface Moving {
  readonly from: ChainId
  readonly to: ChainId
  readonly micro: number
  readonly nonce: Uint8Array
}

/** Where it departed, and where it arrived. */
export interface Moved {
  readonly departed: number
  readonly arrived: number
}

/** How far a move is. */
export type Leg = 'departs' | 'is cosigned' | 'arrives' | 'is cosigned there'

interface Ground {
  readonly callers: Callers
  readonly signer: Signer
  /** Hears of each leg as it begins. */
  tell(leg: Leg): void
}

type Claim = Question & { readonly type: 'claim' }

/** Between two looks at what others have yet to sign. */
const lookMs = 300

/**
 * Moves credit, once, whatever fails meanwhile: whoever begins again with the same nonce goes on
 * where it is. It is over when a quorum has cosigned that it arrived: no seal takes that back.
 */
export async function move(
  moving: Moving,
  ground: Ground,
  signal: AbortSignal,
): Promise<Answer<Moved>> {
  for (;;) {
    const moved = await once(moving, ground, signal)
    const isLater = !moved.ok && mayBeOtherwise(moved.refusal.code)
    if (!isLater) return moved
    await waited(machineClock, lookMs, signal)
    signal.throwIfAborted()
  }
}

/** What is no answer to the move itself: somebody was away, or has yet to sign or to follow. */
function mayBeOtherwise(code: Parameters<typeof refuse>[0]): boolean {
  const again = ['chain.checkpoint', 'ledger.unknown', 'ledger.sealed', 'request.audience']
  return again.includes(code) || code.startsWith('wire.') || blame({ code }) === 'later'
}

async function once(moving: Moving, ground: Ground, signal: AbortSignal): Promise<Answer<Moved>> {
  const { callers, tell } = ground
  tell('departs')
  const from = await homeOf(callers, moving.from, signal)
  if (!from.ok) return from
  const departed = await callers.askSoon(
    from.value.coordinator,
    departure(moving, from.value, ground),
    signal,
  )
  if (!departed.ok) return departed
  const { seq = 0 } = departed.value
  tell('is cosigned')
  const proof = await proven(moving, seq, from.value, ground, signal)
  if (!proof.ok) return proof
  tell('arrives')
  const to = await homeOf(callers, moving.to, signal)
  if (!to.ok) return to
  const arrived = await callers.askSoon(to.value.coordinator, proof.value, signal)
  if (!arrived.ok) return arrived
  tell('is cosigned there')
  const { seq: at = 0 } = arrived.value
  const stood = await stand(callers, to.value, at, signal)
  return stood.ok ? accept({ departed: seq, arrived: at }) : stood
}

function departure(
  { to, micro, nonce }: Moving,
  { beacon: { chain, epoch } }: Home,
  { signer }: Ground,
) {
  const issued = Date.now()
  const request: Request = {
    ...{ v: 1, from: signer.id, to: chain, epoch, issued, expires: issued + limits.requestMsMax },
    // Each counter is above the one before: the clock is.
    counter: issued,
    act: { type: 'depart', to, micro, nonce },
  }
  return { type: 'act', request: sign(requestDocument, request, signer) } as const
}

/** The proof that it departed, once a quorum has cosigned it. */
async function proven(
  moving: Moving,
  seq: number,
  home: Home,
  { callers, signer }: Ground,
  signal: AbortSignal,
): Promise<Answer<Claim>> {
  const { coordinator } = home
  const stood = await stand(callers, home, seq, signal)
  if (!stood.ok) return stood
  const { checkpoint, cosignatures, says } = stood.value
  const { chain, epoch, size } = says
  const asked = { type: 'prove', chain, epoch, size, seq } as const
  const proof = await callers.askSoon(coordinator, asked, signal)
  if (!proof.ok) return proof
  const { entry, path } = proof.value
  const said = decode(entrySchema, entry)
  if (!said.ok) return said
  // A seal may have cut off what was said before a quorum had a copy: then it departs again.
  const isIts = said.value.facts.some((fact) => isOf(fact, moving, signer.id as string as OwnerId))
  if (!isIts) return refuse('ledger.sealed', { detail: `entry ${seq} is another` })
  return accept({ type: 'claim', to: moving.to, seq, entry, path, checkpoint, cosignatures })
}

function isOf(fact: Fact, { to, nonce }: Moving, owner: OwnerId): boolean {
  if (fact.type !== 'transfer' || fact.purpose.type !== 'depart') return false
  const { purpose } = fact
  const isSame = purpose.nonce.every((byte, i) => byte === nonce[i])
  return purpose.owner === owner && purpose.to === to && isSame
}

/** Waits until a quorum has cosigned an entry; whoever is to believe it counts for himself. */
async function stand(
  callers: Callers,
  { coordinator, beacon }: Home,
  seq: number,
  signal: AbortSignal,
) {
  const needed = leastQuorum(callers.keys.length)
  for (;;) {
    const question = { type: 'stand', chain: beacon.chain } as const
    const said = await callers.askSoon(coordinator, question, signal)
    const says = said.ok ? open(checkpointDocument, said.value.checkpoint) : said
    if (said.ok && says.ok) {
      const { checkpoint, cosignatures } = said.value
      const isEnough = says.value.size > seq && cosignatures.length + 1 >= needed
      if (isEnough) return accept({ checkpoint, cosignatures, says: says.value })
    } else if (!said.ok && said.refusal.code !== 'ledger.unknown') return said
    await waited(machineClock, lookMs, signal)
    signal.throwIfAborted()
  }
}

async function homeOf(
  callers: Callers,
  chain: ChainId,
  signal: AbortSignal,
): Promise<Answer<Home>> {
  const homes = await callers.homes(signal)
  if (!homes.ok) return homes
  const home = homes.value.find(({ beacon }) => beacon.chain === chain)
  const detail = `nobody writes chain ${chain} now`
  return home === undefined ? refuse('wire.unreachable', { detail }) : accept(home)
}
