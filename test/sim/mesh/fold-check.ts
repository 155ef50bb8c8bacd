import { balanceOf, type Ledger, stateRoot } from '../../../ledger/index.ts'
import {
  accounts,
  type Fact,
  type NodeId,
  type OwnerId,
  type Request,
  requestDocument,
  sign,
} from '../../../specs/index.ts'
import { keyNamed, type Writer } from './cast.ts'
import type { Tally } from './tally.ts'
import { violated } from './violation.ts'
import type { Watch } from './watch.ts'

/** Transfers that are tried again. */
const transfersMax = 40

/** Holds what a ledger adds up to against what its facts say, and tempts it to add up to more. */
export function checkFold(watch: Watch, writer: Writer, ledger: Ledger): void {
  const tally = watch.tallyOf(writer)
  for (const [account, micro] of tally.balances) {
    const has = balanceOf(ledger.state, account)
    if (has !== micro) violated(`${account} has ${has}, and ${micro} by its facts`)
  }
  const time = ledger.chain.tip?.time ?? 0
  const before = standing(ledger)
  for (const [what, ...facts] of temptations(watch, writer, tally, time)) {
    if (ledger.write(facts, time).ok) violated(`the ledger of ${writer.name} takes ${what}`)
    if (standing(ledger) !== before) violated(`a ledger keeps a part of ${what}`)
  }
}

/** All of a state, and one row as the next fact would find it. */
function standing({ state }: Ledger): string {
  return `${stateRoot(state)} ${state.meta.get('')?.fences}`
}

type Temptation = readonly [what: string, ...facts: Fact[]]

/** What no coordinator writes. */
function temptations(watch: Watch, writer: Writer, tally: Tally, time: number): Temptation[] {
  const below = (tally.fences.at(-1)?.below ?? 0) + 1
  const fences: Fact = { type: 'fences', below }
  const all: Temptation[] = [
    ['a block of fences twice', fences, fences],
    ['a bond of credit that nobody has', fromNothing(writer, tally, time)],
  ]
  for (const job of [...tally.jobs.keys()].slice(-1)) {
    const purpose = { type: 'earn' as const, job, unit: 0, slot: 0 }
    const to = accounts.hold(job, 0, 0)
    const earning: Fact = { type: 'transfer', purpose, from: accounts.mint, to, micro: 1 }
    all.push(['an earning without a verdict', earning])
    for (const as of ['final', 'dead', 'cancelled'] as const) {
      all.push(['the end of a job that ended', { type: 'end', job, as }])
    }
  }
  const moved = watch.factsOf(writer).filter(({ type }) => type === 'transfer')
  for (const fact of moved.slice(-transfersMax)) all.push(['a transfer twice', fact])
  return all
}

function fromNothing({ chain }: Writer, { epoch }: Tally, time: number): Fact {
  const poor = keyNamed('somebody without any credit')
  const node = poor.id as NodeId
  const micro = 1_000_000
  const request: Request = {
    ...{ v: 1, from: poor.id, to: chain, epoch, counter: 1 },
    issued: time,
    expires: time + 60_000,
    act: { type: 'bond', node, micro },
  }
  return {
    type: 'transfer',
    purpose: { type: 'bond', node, count: 1 },
    from: accounts.owner(poor.id as OwnerId),
    to: accounts.bond(node),
    micro,
    request: sign(requestDocument, request, poor),
  }
}
