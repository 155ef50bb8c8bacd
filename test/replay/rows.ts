import {
  encode,
  type JobId,
  type RowKind,
  type RowOf,
  rowKey,
  rowSchemas,
  type Schema,
} from '../../specs/index.ts'
import { acceptedOf, type Book, heldOf, type Moved, undecidedOf, unitsOf } from './book.ts'

type Put = <K extends RowKind>(kind: K, about: string, row: RowOf<K>) => void

/** All rows of a state, made anew from what is known: state.md, rows. */
export function rowsOf(book: Book): Map<string, Uint8Array> {
  const rows = new Map<string, Uint8Array>()
  const put: Put = (kind, about, row) => {
    const schema: Schema<typeof row> = rowSchemas[kind]
    rows.set(rowKey(kind, about), encode(schema, row))
  }
  for (const [account, micro] of book.balances) if (micro !== 0) put('balance', account, { micro })
  for (const [nonce, job] of book.nonces) put('nonce', nonce, { job })
  for (const job of book.jobs.keys()) putJob(book, job, put)
  for (const [node, row] of book.nodes) put('node', node, row)
  for (const [node, row] of book.delegations) put('delegation', node, row)
  for (const [pair, row] of book.revocations) put('revocation', pair, row)
  for (const [node, row] of book.reputations) put('reputation', node, row)
  for (const [owner, at] of book.bans) put('ban', owner, { at })
  for (const [key, count] of book.counters) put('counter', key, { count })
  for (const [departure, row] of book.crossings) put('crossing', departure, row)
  putTransfers(book, put)
  for (const [revision, row] of book.changes) put('change', `${revision}`, row)
  const { fences, draw } = book
  if (draw !== undefined) put('meta', '', { fences, draw })
  else if (fences > 0) put('meta', '', { fences })
  return rows
}

function putTransfers(book: Book, put: Put): void {
  const settled = new Set<string>()
  for (const { purpose } of book.transfers.values()) {
    if (purpose.type === 'settle') settled.add(purpose.of)
  }
  for (const [id, bond] of book.bonds) if (!settled.has(id)) put('bond', id, bond)
  for (const [id, { purpose, micro }] of book.transfers) {
    if (purpose.type === 'bond') put('bond-count', purpose.node, { count: purpose.count })
    if (purpose.type === 'meter' && !settled.has(id)) {
      const { job, unit, slot, epoch, fence } = purpose
      put('meter', id, { job, unit, slot, epoch, fence, micro })
    }
  }
}

function putJob(book: Book, id: JobId, put: Put): void {
  const job = book.jobs.get(id)
  if (job === undefined) return
  const { publisher, executor, exact, funded, units, cancelled, seq, ended } = job
  put('job', id, {
    publisher: publisher as string as RowOf<'job'>['publisher'],
    executor,
    exact,
    funded,
    units,
    undecided: undecidedOf(book, id),
    accepted: acceptedOf(book, id),
    held: heldOf(book, id).length,
    cancelled,
    seq,
    ...(ended === undefined ? {} : { ended }),
  })
  if (ended === undefined) putUnits(book, id, put)
}

function putUnits(book: Book, id: JobId, put: Put): void {
  const done = new Map<number, Uint8Array>()
  for (const { unit, sealed, votes, decided } of unitsOf(book, id)) {
    const held = heldOf(book, id, unit).length
    const metered = meteredOf([...book.transfers.values()], id, unit)
    if (decided === undefined) {
      const happened = sealed.length + votes.length + metered.length > 0
      if (happened) put('unit', `${id}/${unit}`, { type: 'open', sealed, metered, votes, held })
    } else if (held > 0) {
      const { at, closing } = decided
      put('unit', `${id}/${unit}`, { type: 'decided', at, metered, votes, held, closing })
    } else {
      const row = Math.floor(unit / 1024)
      const bits = done.get(row) ?? new Uint8Array(128)
      const i = unit % 1024
      bits[Math.floor(i / 8)] = (bits[Math.floor(i / 8)] ?? 0) + 2 ** (i % 8)
      done.set(row, bits)
    }
  }
  for (const [row, bits] of done) put('done', `${id}/${row}`, { bits })
}

type Metered = RowOf<'unit'>['metered']

/** Transfers are in their order, so that the last metering of a slot is of its last lease. */
function meteredOf(transfers: readonly Moved[], job: JobId, unit: number): Metered {
  const bySlot = new Map<number, Metered[number]>()
  for (const { purpose } of transfers) {
    if (purpose.type !== 'meter' || purpose.job !== job || purpose.unit !== unit) continue
    const { slot, epoch, fence, interval } = purpose
    bySlot.set(slot, { slot, epoch, fence, intervals: interval + 1 })
  }
  return [...bySlot.values()].sort((a, b) => a.slot - b.slot)
}
