import { balanceOf } from '@nexapod/ledger'
import {
  type Answer,
  accept,
  accounts,
  limits,
  type NodeId,
  type OwnerId,
  type PeerId,
  type Request,
  refuse,
  requestDocument,
  type Signed,
  transferId,
} from '@nexapod/specs'
import { cancelJob } from './closing.ts'
import { nameRow } from './row.ts'
import { noteBond } from './settle.ts'
import { transfer } from './transfers.ts'
import type { Turn } from './turn.ts'

type Of<T extends Request['act']['type']> = Request['act'] & { readonly type: T }

/** Carries out what a key asks of this chain: once, soon, and here. */
export function carryOut(turn: Turn, signed: Signed<Request>): Answer<number | undefined> {
  const { state, time } = turn
  const opened = state.setting.open(requestDocument, signed)
  if (!opened.ok) return opened
  const request = opened.value
  const { from, to, epoch, issued, expires, counter, act } = request
  if (to !== state.chain || epoch !== state.epoch) return refuse('request.audience')
  if (time > expires + limits.clockSkewMs) return refuse('request.expired')
  if (issued > time + limits.clockSkewMs) return refuse('request.expired', { detail: 'not yet' })
  const last = Math.max(
    state.ledger.state.counters.get(from)?.count ?? 0,
    state.namings.get(from) ?? 0,
  )
  if (counter <= last) return refuse('request.replayed')
  switch (act.type) {
    case 'cancel':
      return cancel(turn, signed, request, act)
    case 'depart':
      return depart(turn, signed, request, act)
    case 'bond':
      return bond(turn, signed, request, act)
    case 'name':
      if (!state.namings.has(from) && isCrowded(turn, from)) {
        return refuse('wire.full', { detail: 'names of keys that have earned nothing yet' })
      }
      state.namings.set(from, counter)
      turn.keep(nameRow(from), { type: 'name', request: signed })
      return accept(undefined)
  }
}

/** Keys cost nothing: of those that have nothing here only so many may say something. */
function isCrowded({ state }: Turn, from: PeerId): boolean {
  if (state.namings.size < limits.namingsMax) return false
  const owner = accounts.owner(from as string as OwnerId)
  const bond = accounts.bond(from as string as NodeId)
  return balanceOf(state.ledger.state, owner) + balanceOf(state.ledger.state, bond) === 0
}

/** A publisher wants no more of a job: nothing of it is leased any more, and what runs stops. */
function cancel(
  turn: Turn,
  request: Signed<Request>,
  { from }: Request,
  { job: id }: Of<'cancel'>,
): Answer<number> {
  const { state } = turn
  const row = state.ledger.state.jobs.get(id)
  const book = state.jobs.get(id)
  if (row === undefined) return refuse('job.unknown')
  if (book === undefined || row.ended !== undefined || row.cancelled) return refuse('job.ended')
  if ((row.publisher as string) !== from) return refuse('request.signer')
  const seq = turn.write([{ type: 'cancel', request }])
  cancelJob(turn, book)
  return accept(seq)
}

function depart(
  turn: Turn,
  request: Signed<Request>,
  { from }: Request,
  { to, micro, nonce }: Of<'depart'>,
): Answer<number> {
  const { chain, ledger } = turn.state
  const owner = from as string as OwnerId
  const purpose = { type: 'depart' as const, owner, to, nonce }
  if (to === chain) return refuse('document.rule', { at: 'act.to', detail: 'another chain' })
  const crossing = `${chain}/${transferId(purpose)}`
  // Whoever was not told asks again: it departs once, whatever the second request says.
  const departed = ledger.state.crossings.get(crossing)
  if (departed !== undefined) return accept(departed.seq)
  const purse = accounts.owner(owner)
  if (balanceOf(ledger.state, purse) < micro) return refuse('credit.short')
  const fact = transfer(purpose, purse, accounts.bridge(chain, to), micro)
  return accept(turn.write([{ ...fact, request }]))
}

function bond(
  turn: Turn,
  request: Signed<Request>,
  { from }: Request,
  { node, micro }: Of<'bond'>,
): Answer<number> {
  const { state } = turn
  const owner = from as string as OwnerId
  const purse = accounts.owner(owner)
  const least = state.ledger.chain.tip?.governance.rates.bondMicro ?? 0
  if (micro < least)
    return refuse('document.bounds', { at: 'act.micro', detail: `at least ${least}` })
  if (balanceOf(state.ledger.state, purse) < micro) return refuse('credit.short')
  const bonds = [...(state.bonds.get(node)?.values() ?? [])]
  if (bonds.some(({ kind }) => kind === undefined)) {
    return refuse('document.rule', { at: 'act.node', detail: 'a bond was left for it' })
  }
  const count = (state.ledger.state.bondCounts.get(node)?.count ?? 0) + 1
  const purpose = { type: 'bond' as const, node, count }
  const seq = turn.write([{ ...transfer(purpose, purse, accounts.bond(node), micro), request }])
  noteBond(state, node, owner, { id: transferId(purpose), micro, kind: undefined })
  state.changed.add(node)
  return accept(seq)
}
