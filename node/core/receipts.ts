import { openCosigned } from '@nexapod/ledger'
import {
  type Acknowledgement,
  acknowledgementDocument,
  blame,
  type ChainId,
  type Checkpoint,
  type Cosignature,
  type Execution,
  limits,
  open,
  type Receipt,
  type Refusal,
  receiptDocument,
  receiptId,
  refusalOf,
  resultId,
  type Signed,
  sign,
  signBatch,
} from '@nexapod/specs'
import { release, remember } from './leases.ts'
import { mayHave } from './owed.ts'
import {
  type Contact,
  executionOf,
  type Kept,
  keyOf,
  type State,
  type Talk,
  talkOf,
} from './state.ts'
import type { Given, Turn } from './turn.ts'

/** Signs what units gave, and has it on the disk before anybody is told. */
export function seal(turn: Turn): void {
  const all = turn.given()
  const { signer } = turn.state.setting
  for (let i = 0; i < all.length; i += limits.batchMax) {
    const some = all.slice(i, i + limits.batchMax)
    const receipts = some.map((given) => receiptOf(turn, given))
    const [only] = receipts
    // One signature for many is one to be verified; a receipt alone needs no path.
    const signed =
      only !== undefined && receipts.length === 1
        ? [sign(receiptDocument, only, signer)]
        : signBatch(receiptDocument, receipts, signer)
    for (const [j, given] of some.entries()) {
      const [receipt, whole] = [receipts[j], signed[j]]
      if (receipt !== undefined && whole !== undefined) keep(turn, given, receipt, whole)
    }
  }
}

function receiptOf(turn: Turn, { held: { lease }, manifest, salt }: Given): Receipt {
  return {
    v: 1,
    chain: lease.chain,
    ...executionOf(lease),
    node: lease.node,
    result: resultId(manifest.outcome),
    salt,
    issued: turn.time,
  }
}

function keep(turn: Turn, given: Given, receipt: Receipt, signed: Signed<Receipt>): void {
  const { state } = turn
  const { held, manifest, stage } = given
  const { key, lease } = held
  const kept = { key, signed: held.signed, lease, receipt: signed, id: receiptId(signed), manifest }
  turn.keep({
    name: `receipt/${key}`,
    row: { type: 'receipt', lease: held.signed, receipt: signed, manifest },
  })
  // Behind the receipt, or a crash between the two would leave neither.
  if (stage !== 'ending') turn.forget(`lease/${key}`)
  turn.tell({ type: 'sealed', key, result: receipt.result })
  enter(state, kept)
  for (const contact of state.contacts.values()) {
    if (mayHave(kept.lease, contact)) talkOf(contact)?.toDeliver.add(key)
  }
}

/** Takes a receipt into what is kept. */
export function enter(state: State, kept: Kept): void {
  state.kept.set(kept.key, kept)
  state.keptById.set(kept.id, kept.key)
  count(state, kept.lease.chain, 1)
}

/** Sorts what is kept of the chain that somebody writes: to be delivered, or to be shown. */
export function showReceipts(state: State, contact: Contact, talk: Talk): void {
  for (const kept of state.kept.values()) {
    if (!mayHave(kept.lease, contact)) continue
    const answered = isTakenBy(kept, contact) || isRefusedBy(kept, contact)
    if (answered) talk.toShow.add(kept.key)
    else talk.toDeliver.add(kept.key)
  }
}

/** What a receipt counts for on its way: one with many outputs is as long as several. */
function weightOf({ kept }: State, key: string): number {
  const { outcome, whole } = kept.get(key)?.manifest ?? {}
  const outputs = (outcome?.outputs.length ?? 0) + (whole?.length ?? 0)
  return 1 + Math.floor(outputs / 8)
}

/** Delivers what has to be delivered, some at a time, and again what had no answer. */
export function settleReceipts(turn: Turn): void {
  const { state, at } = turn
  for (const contact of state.contacts.values()) {
    const talk = talkOf(contact)
    if (talk === undefined) continue
    let room = limits.deliveriesMax
    for (const key of talk.flying.keys()) room -= weightOf(state, key)
    for (const key of talk.toDeliver) {
      const weight = weightOf(state, key)
      if (weight > room && talk.flying.size > 0) break
      room -= weight
      talk.toDeliver.delete(key)
      talk.flying.set(key, { againAt: at, tries: 0 })
    }
    for (const [key, { againAt, tries }] of talk.flying) {
      if (!turn.due(againAt)) continue
      const kept = state.kept.get(key)
      if (kept === undefined) continue
      const { signed: lease, receipt, manifest } = kept
      turn.say(talk, { type: 'deliver', lease, receipt, manifest })
      talk.flying.set(key, { againAt: turn.after(tries, limits.answerMs), tries: tries + 1 })
    }
    show(turn, talk)
  }
}

/** A coordinator signed that it has receipts on its disk. */
export function acknowledge(
  turn: Turn,
  contact: Contact,
  talk: Talk,
  signed: Signed<Acknowledgement>,
): Refusal | undefined {
  const opened = open(acknowledgementDocument, signed)
  if (!opened.ok) return opened.refusal
  const { chain, epoch, coordinator, size, receipts } = opened.value
  const { writes } = contact
  const isIts = coordinator === contact.coordinator && chain === writes?.chain
  if (!isIts || epoch !== writes.epoch) {
    return refusalOf('lease.unknown', { at: 'acknowledgement', detail: 'not of this stream' })
  }
  for (const id of receipts) {
    const key = turn.state.keptById.get(id)
    const kept = key === undefined ? undefined : turn.state.kept.get(key)
    // One that was never sent here cannot be on a disk there, whatever is signed.
    if (kept?.lease.chain !== chain || !talk.flying.delete(kept.key)) continue
    kept.acknowledged = { coordinator, epoch, size }
    turn.keep({
      name: `acknowledgement/${kept.key}`,
      row: { type: 'acknowledgement', acknowledgement: signed },
    })
    turn.tell({ type: 'acknowledged', key: kept.key, coordinator, epoch })
  }
  return undefined
}

/** The verdicts on executions are below a checkpoint that a quorum signed: they are forgotten. */
export function decide(
  turn: Turn,
  executions: readonly Execution[],
  checkpoint: Signed<Checkpoint>,
  cosignatures: readonly Signed<Cosignature>[],
): Refusal | undefined {
  const { state } = turn
  const opened = openCosigned(state.roster, checkpoint, cosignatures)
  if (!opened.ok) return opened.refusal
  const { chain, epoch, size } = opened.value
  for (const execution of executions) {
    for (const key of keysOf(state, execution)) {
      const kept = state.kept.get(key)
      const held = state.held.get(key)
      if (held?.lease.chain === chain) release(turn, held, 'decided', false)
      if (kept?.lease.chain !== chain) continue
      const { acknowledged } = kept
      if (acknowledged?.epoch === epoch && size < acknowledged.size) {
        const detail = `of ${size} entries, but ${acknowledged.size} held the receipt`
        return refusalOf('chain.checkpoint', { detail })
      }
      turn.tell({ type: 'decided', key })
      drop(turn, kept)
    }
  }
  return undefined
}

/** A coordinator does not take a receipt, now or ever. */
export function refuseReceipt(
  turn: Turn,
  contact: Contact,
  talk: Talk,
  execution: Execution,
  refusal: Refusal,
): void {
  const { state } = turn
  const { coordinator } = contact
  for (const key of keysOf(state, execution)) {
    const kept = state.kept.get(key)
    const flight = talk.flying.get(key)
    // What it has signed for, or was not sent, it cannot refuse.
    if (kept === undefined || flight === undefined) continue
    if (blame(refusal) !== 'theirs') {
      const againAt = turn.after(flight.tries, limits.answerMs)
      const { tries } = flight
      talk.flying.set(key, { againAt: Math.max(againAt, turn.at + (refusal.retryMs ?? 0)), tries })
      turn.tell({ type: 'refusedBy', coordinator, refusal })
      continue
    }
    talk.flying.delete(key)
    const { acknowledged } = kept
    const isIts =
      kept.lease.coordinator === coordinator && acknowledged?.coordinator !== coordinator
    kept.refused = { coordinator, epoch: contact.writes?.epoch ?? 0 }
    turn.tell({ type: 'refusedBy', coordinator, refusal, ...(isIts ? { dropped: key } : {}) })
    if (isIts) drop(turn, kept)
  }
}

/** The keys that an execution may have: it does not say who leased it. */
export function keysOf(state: State, execution: Execution): readonly string[] {
  const coordinators = new Set(
    Array.from(state.contacts.values(), ({ coordinator }) => coordinator),
  )
  const keys = Array.from(coordinators, (coordinator) => keyOf(coordinator, execution))
  return keys.filter((key) => state.kept.has(key) || state.held.has(key))
}

function drop(turn: Turn, kept: Kept): void {
  const { state } = turn
  const { key, id, lease, acknowledged } = kept
  remember(state, key)
  state.kept.delete(key)
  state.keptById.delete(id)
  count(state, lease.chain, -1)
  turn.forget(`receipt/${key}`)
  if (acknowledged !== undefined) turn.forget(`acknowledgement/${key}`)
  for (const contact of state.contacts.values()) {
    const talk = talkOf(contact)
    talk?.toDeliver.delete(key)
    talk?.toShow.delete(key)
    talk?.flying.delete(key)
  }
}

/** Shows some of what a coordinator has, so that it tells which verdicts there are. */
function show(turn: Turn, talk: Talk): void {
  if (talk.toShow.size === 0 || !turn.due(talk.showAt)) return
  talk.showAt = turn.at + limits.pauseMs
  const leases = []
  for (const key of talk.toShow) {
    if (leases.length === limits.perFrameMax) break
    talk.toShow.delete(key)
    const kept = turn.state.kept.get(key)
    if (kept !== undefined) leases.push(kept.signed)
  }
  if (leases.length > 0) turn.say(talk, { type: 'hold', leases })
}

function isTakenBy({ acknowledged }: Kept, { coordinator, writes }: Contact): boolean {
  return acknowledged?.coordinator === coordinator && acknowledged.epoch === writes?.epoch
}

function isRefusedBy({ refused }: Kept, { coordinator, writes }: Contact): boolean {
  return refused?.coordinator === coordinator && refused.epoch === writes?.epoch
}

function count(state: State, chain: ChainId, by: number): void {
  const now = (state.keptOf.get(chain) ?? 0) + by
  if (now === 0) state.keptOf.delete(chain)
  else state.keptOf.set(chain, now)
}
