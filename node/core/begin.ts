import {
  acknowledgementDocument,
  leaseDocument,
  open,
  type Refusal,
  receiptDocument,
  receiptId,
  refuse,
  resultId,
} from '@nexapod/specs'
import { contactOf, learnWriting, writerOf } from './contacts.ts'
import type { Effect } from './effect.ts'
import type { Moment } from './event.ts'
import { enter } from './receipts.ts'
import type { Named, Row } from './row.ts'
import { keyOf, type Setting, type State } from './state.ts'
import { settle } from './step.ts'
import { Turn } from './turn.ts'

/** A node as it begins, and what it does first. */
export interface Begun {
  readonly state: State
  readonly effects: readonly Effect[]
}

/**
 * Begins with what was kept: a fold over its rows, in any order. Whatever is not what it was when
 * it was kept is told and left alone.
 */
export function begin(setting: Setting, rows: Iterable<Named>, moment: Moment): Begun {
  const state = emptyState(setting, moment)
  const turn = new Turn(state, moment)
  for (const { coordinator } of setting.roster.members) contactOf(state, coordinator)
  const sorted = [...rows].sort((a, b) => order(a) - order(b))
  for (const named of sorted) {
    const refusal = learnRow(turn, named)
    if (refusal !== undefined) turn.tell({ type: 'damaged', name: named.name, refusal })
  }
  settle(turn)
  return { state, effects: turn.end() }
}

function emptyState(setting: Setting, { at, time }: Moment): State {
  return {
    setting,
    roster: setting.roster,
    delegation: setting.delegation,
    limits: setting.limits,
    observations: setting.observations,
    order: 'lend',
    orderedAt: at,
    toldUntil: time,
    at,
    contacts: new Map(),
    sought: new Map(),
    jobs: new Map(),
    paces: new Map(),
    held: new Map(),
    kept: new Map(),
    keptById: new Map(),
    keptOf: new Map(),
    ended: new Set(),
    streams: 0,
    unitMs: undefined,
    answerMs: undefined,
    pace: 0,
    wakeAt: Number.POSITIVE_INFINITY,
    idle: '',
    finished: false,
  }
}

/** Receipts before leases, which they replace, and before what was said of them. */
function order({ row }: Named): number {
  return ['coordinator', 'order', 'receipt', 'lease', 'acknowledgement'].indexOf(row.type)
}

function learnRow(turn: Turn, { name, row }: Named): Refusal | undefined {
  const { state } = turn
  switch (row.type) {
    case 'coordinator': {
      const { coordinator, chain, epoch } = row
      const founded = name === `coordinator/${coordinator}`
      const contact = founded
        ? contactOf(state, coordinator)
        : writerOf(turn, coordinator, { chain, epoch })
      if (contact === undefined) return refuse('chain.roster').refusal
      contact.known = true
      contact.writes = { chain, epoch }
      return undefined
    }
    case 'order':
      state.toldUntil = Math.max(state.toldUntil, row.issued)
      return undefined
    case 'lease':
      return learnLease(turn, row)
    case 'receipt':
      return learnReceipt(turn, row)
    case 'acknowledgement':
      return learnAcknowledgement(turn, name, row)
  }
}

/** A unit that was held waits until its coordinator has been shown it. */
function learnLease(turn: Turn, row: Row & { type: 'lease' }): Refusal | undefined {
  const { state, at } = turn
  const opened = open(leaseDocument, row.lease)
  if (!opened.ok) return opened.refusal
  const lease = opened.value
  const key = keyOf(lease.coordinator, lease)
  if (state.kept.has(key)) {
    turn.forget(`lease/${key}`)
    return undefined
  }
  learnWriting(turn, lease.coordinator, lease)
  const endsAt = at + lease.leaseMs
  state.held.set(key, {
    key,
    signed: row.lease,
    lease,
    stage: 'leased',
    since: at,
    endsAt,
    renewAt: endsAt,
    stream: 0,
    shown: false,
    late: false,
  })
  return undefined
}

function learnReceipt(turn: Turn, row: Row & { type: 'receipt' }): Refusal | undefined {
  const lease = open(leaseDocument, row.lease)
  if (!lease.ok) return lease.refusal
  const receipt = open(receiptDocument, row.receipt)
  if (!receipt.ok) return receipt.refusal
  if (receipt.value.result !== resultId(row.manifest.outcome)) {
    return refuse('receipt.mismatch').refusal
  }
  const { coordinator, chain, epoch } = lease.value
  learnWriting(turn, coordinator, { chain, epoch })
  enter(turn.state, {
    key: keyOf(coordinator, lease.value),
    signed: row.lease,
    lease: lease.value,
    receipt: row.receipt,
    id: receiptId(row.receipt),
    manifest: row.manifest,
  })
  return undefined
}

function learnAcknowledgement(
  turn: Turn,
  name: Named['name'],
  row: Row & { type: 'acknowledgement' },
): Refusal | undefined {
  const opened = open(acknowledgementDocument, row.acknowledgement)
  if (!opened.ok) return opened.refusal
  const kept = turn.state.kept.get(name.slice('acknowledgement/'.length))
  if (kept === undefined) {
    // Its receipt was forgotten, and this would have been next.
    turn.forget(name)
    return undefined
  }
  const { coordinator, epoch, size, receipts } = opened.value
  if (!receipts.includes(kept.id)) return refuse('receipt.mismatch').refusal
  kept.acknowledged = { coordinator, epoch, size }
  return undefined
}
