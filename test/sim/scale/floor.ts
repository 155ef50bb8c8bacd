import type { Effect } from '../../../coordinator/index.ts'
import {
  type Acknowledgement,
  acknowledgementDocument,
  type Document,
  decode,
  type Entry,
  encode,
  entrySchema,
  type Lease,
  leafHash,
  leaseDocument,
  limits,
  merkleTree,
  reopen,
  type Signed,
} from '../../../specs/index.ts'
import { believing, type Outcome, Rush } from './rush.ts'

/** What a crowd comes to, and what of it no core could leave out, in microseconds a unit. */
export interface Floor {
  readonly outcome: Outcome
  readonly entriesUs: number
  readonly learningUs: number
  readonly leasesUs: number
  readonly acknowledgementsUs: number
}

/**
 * Has a crowd decide so many units, and then does again nothing but what the contract asks for
 * there, with what was to be said given: entries are encoded, hashed, linked and learnt, leases and
 * acknowledgements are encoded and hashed for one signature of each step. Nothing is decided.
 */
export function floorOf(nodes: number, units: number): Floor {
  const entries: Entry[] = []
  const leases: Lease[][] = []
  const acknowledgements: Acknowledgement[] = []
  const rush = new Rush({ nodes, units: units * 2, jobs: 100, atOnce: 1 }, (effects) => {
    const said = messagesOf(effects)
    leases.push(said.leases)
    acknowledgements.push(...said.acknowledgements)
    for (const effect of effects) {
      if (effect.type !== 'append') continue
      for (const { bytes } of effect.taken) entries.push(must(decode(entrySchema, bytes)))
    }
  })
  rush.gather()
  const outcome = rush.until(units)
  const us = (run: () => void) => microsOf(run) / outcome.units
  const entriesUs = us(() => {
    for (const entry of entries) leafHash(encode(entrySchema, entry))
  })
  const ledgerUs = us(() => {
    const ledger = believing(rush.nodes)
    for (const { facts, time } of entries) must(ledger.write(facts, time))
  })
  return {
    ...{ outcome, entriesUs, learningUs: ledgerUs - entriesUs },
    leasesUs: us(() => {
      for (const batch of leases) hashed(leaseDocument, batch)
    }),
    acknowledgementsUs: us(() => {
      for (const one of acknowledgements) hashed(acknowledgementDocument, [one])
    }),
  }
}

/** All documents of a step, as far as its signature: the root of a tree over each batch. */
function hashed<T>({ schema }: Document<T>, documents: readonly T[]): void {
  const leaves = documents.map((document) => leafHash(encode(schema, document)))
  for (let from = 0; from < leaves.length; from += limits.batchMax) {
    merkleTree(leaves.slice(from, from + limits.batchMax))
  }
}

function messagesOf(effects: readonly Effect[]) {
  const leases: Lease[] = []
  const acknowledgements: Acknowledgement[] = []
  for (const effect of effects) {
    if (effect.type !== 'send') continue
    for (const message of effect.messages) {
      if (message.type === 'lease') leases.push(saidIn(leaseDocument, message.lease))
      if (message.type !== 'acknowledge') continue
      acknowledgements.push(saidIn(acknowledgementDocument, message.acknowledgement))
    }
  }
  return { leases, acknowledgements }
}

function saidIn<T>(document: Document<T>, signed: Signed<T>): T {
  return must(reopen(document, signed))
}

function must<T>(answer: { readonly ok: true; readonly value: T } | { readonly ok: false }): T {
  if (!answer.ok) throw new Error(`what the core wrote is refused: ${JSON.stringify(answer)}`)
  return answer.value
}

/** The time of this thread for the third run: the first ones compile. */
function microsOf(run: () => void): number {
  run()
  run()
  const before = process.threadCpuUsage()
  run()
  const { user, system } = process.threadCpuUsage(before)
  return user + system
}
