import {
  type FromNode,
  limits,
  type NodeId,
  type Offer,
  type Refusal,
  refusalOf,
} from '@nexapod/specs'
import type { NodeBook } from './book.ts'
import { learnDelegation, noteOwner } from './delegations.ts'
import { Few } from './few.ts'
import { lapsesOf } from './lapses.ts'
import { cancelLease } from './leases.ts'
import { isSameOffer, lendingOf, platformText } from './match/lending.ts'
import { against } from './match/match.ts'
import { countedAs, isBanned, isNew, isSuspended, ownerNow, trustOf } from './people.ts'
import type { State } from './state.ts'
import type { Turn } from './turn.ts'

/** When to come again to a coordinator whose epoch is not cosigned yet. */
export const unaskedMs = 1000
/** How long a node that was wrong too often is sent away. */
const suspendedMs = 3_600_000

/** A stream is there; nothing was said on it yet. */
export function meet(turn: Turn, stream: number, id: NodeId, network: string): void {
  const { state, time } = turn
  const known = state.nodes.get(id)
  if (known?.stream !== undefined) {
    turn.hangUp(known.stream, refusalOf('wire.closing', { detail: 'the node came again' }))
    part(turn, known.stream)
  }
  const node = state.nodes.get(id) ?? newNode(id, ownerNow(state, id, time))
  node.stream = stream
  node.network = network
  state.nodes.set(id, node)
  state.streams.set(stream, node)
}

/** A stream is gone. What its node holds is still its own, until that ends. */
export function part(turn: Turn, stream: number): void {
  const { state } = turn
  const node = state.streams.get(stream)
  state.streams.delete(stream)
  if (node === undefined || node.stream !== stream) return
  node.stream = undefined
  node.welcomed = false
  node.left = 0
  node.lending = undefined
  node.asker = undefined
  node.leaving = false
  state.waiting.delete(node)
  state.census.count(node, undefined)
  if (node.leases.size === 0) state.nodes.delete(node.id)
}

/** A node says which mesh it means, what it lends, and whose it is. */
export function greet(
  turn: Turn,
  node: NodeBook,
  hello: FromNode & { readonly type: 'hello' },
): Refusal | undefined {
  const { state, time } = turn
  const { mesh, chain = state.chain, offer, delegation } = hello
  const stand = state.ledger.chain.tip
  if (mesh !== stand?.governance.mesh) return refusalOf('wire.mesh')
  if (chain !== state.chain) return refusalOf('ledger.unknown', { detail: `the chain ${chain}` })
  if (offer.node !== node.id) return refusalOf('wire.message', { detail: 'an offer of another' })
  if (state.firmFrom !== undefined) return refusalOf('ledger.unasked', { retryMs: unaskedMs })
  const learnt = delegation && learnDelegation(turn, delegation)
  const outdated = learnt?.ok === false ? learnt.refusal : undefined
  // A node that was sold, or left, does not always know; what it has to deliver is its own.
  if (outdated !== undefined && outdated.code !== 'delegation.ended') return outdated
  noteOwner(turn, node.id)
  const no = noOf(turn, node)
  if (no !== undefined) return no
  node.welcomed = true
  node.leaving = false
  turn.say(node, {
    type: 'welcome',
    chain: state.chain,
    epoch: state.epoch,
    renewMs: limits.renewMs,
    time,
  })
  if (outdated !== undefined) turn.say(node, { type: 'refuse', refusal: outdated })
  noteNode(turn, offer)
  takeOffer(turn, node, offer)
  if (state.draining) turn.say(node, { type: 'drain', refusal: refusalOf('wire.closing') })
  return undefined
}

/** What a node is stands on the chain, once for each hello that says something else. */
function noteNode(turn: Turn, { node, tier, platform }: Offer): void {
  const row = turn.state.ledger.state.nodes.get(node)
  const isKnown =
    row?.tier === tier && row.platform.os === platform.os && row.platform.arch === platform.arch
  if (!isKnown) turn.write([{ type: 'node', node, tier, platform }])
}

/** Why a node may not offer this after its hello: it is what it said that it is. */
export function checkOffer(node: NodeBook, { node: id, platform }: Offer): Refusal | undefined {
  if (id !== node.id) return refusalOf('wire.message', { detail: 'an offer of another' })
  if (platformText(platform) === node.platform) return undefined
  return refusalOf('wire.message', { at: 'offer.platform', detail: 'another than in the hello' })
}

/** A node lends this from now on. */
export function takeOffer(turn: Turn, node: NodeBook, offer: Offer): void {
  const { state } = turn
  const { platform } = offer
  node.platform = platformText(platform)
  node.left = node.leaving ? 0 : offer.units
  node.mark = undefined
  const lent = measured(offer, node.speed)
  // Nearly always a node that is done with a unit lends just what it lent before.
  if (!isSameOffer(lent, node.lending?.offer)) node.lending = lendingOf(lent)
  refresh(state, node)
  if (node.left > 0) state.asking.add(node)
  else state.waiting.delete(node)
}

/** Something else is known of a node: what it may be given changes, or it has to go. */
export function changedNode(turn: Turn, id: NodeId): void {
  const { state } = turn
  noteOwner(turn, id)
  const node = state.nodes.get(id)
  if (node === undefined || !node.welcomed) return
  const isOther = node.asker?.apart[0] !== node.owner
  const no = noOf(turn, node)
  if (no !== undefined) leave(turn, node, no)
  else if (isOther || node.leaving || node.lending?.trusts !== trustOf(state, node)) {
    refresh(state, node)
  }
}

/** Sends a node away. */
export function leave(turn: Turn, node: NodeBook, refusal: Refusal): void {
  for (const live of [...node.leases]) {
    cancelLease(turn, live)
    turn.state.toRule.add(live.unit)
  }
  if (node.stream === undefined) return
  turn.say(node, { type: 'refuse', refusal })
  turn.hangUp(node.stream, refusal)
  part(turn, node.stream)
}

/** Why a node is given nothing at all, if that is so. */
function noOf({ state, at }: Turn, { id, owner, network }: NodeBook): Refusal | undefined {
  if (isBanned(state, owner) || state.shut.has(owner)) return refusalOf('node.banned')
  if (isSuspended(state, id)) return refusalOf('node.suspended', { retryMs: suspendedMs })
  const until = state.shunned.get(network)
  if (until === undefined || until <= at || !isNew(state, id)) return undefined
  return refusalOf('node.suspended', { retryMs: until - at })
}

/** Makes anew what the queue is asked with. */
function refresh(state: State, node: NodeBook): void {
  const { lending: before } = node
  if (before === undefined) return
  const { asker } = node
  const trusts = trustOf(state, node)
  const lending = before.trusts === trusts ? before : { ...before, trusts }
  node.lending = lending
  const { has } = lending.offer
  const swift = lapsesOf(state, node.id) === 0
  const isAsBefore = asker?.lending === lending && asker.swift === swift && has.length === 0
  if (isAsBefore && asker.apart[0] === node.owner && !node.leaving) return
  const apart = state.ledger.chain.tip?.governance.rates.apart ?? 'networks'
  node.asker = {
    lending,
    apart: apart === 'networks' ? [node.owner, node.network] : [node.owner],
    swift,
    projects: lending.offer.projects,
    near: state.data.near(has),
    fits: (needs) => against(needs, lending),
  }
  state.census.count(node, countedAs(state, node))
}

/** An offer with the speed that was seen, where that is less than what was said. */
function measured(offer: Offer, speed: number): Offer {
  if (speed === 0) return offer
  return {
    ...offer,
    executors: offer.executors.map((one) => {
      if (one.type !== 'wasm' || one.fuelPerSecond <= speed) return one
      return { ...one, fuelPerSecond: Math.max(1, Math.floor(speed)) }
    }),
  }
}

function newNode(id: NodeId, owner: NodeBook['owner']): NodeBook {
  return {
    id,
    owner,
    network: '',
    platform: '',
    stream: undefined,
    welcomed: false,
    lending: undefined,
    asker: undefined,
    left: 0,
    leaving: false,
    verified: new Set(),
    failedProbes: 0,
    leases: new Few(),
    speed: 0,
    mark: undefined,
    counted: undefined,
  }
}
