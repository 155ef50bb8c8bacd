import { connect } from '../../cli/sdk/connect.ts'
import { valued } from '../../coordinator/test/scripted-mesh.ts'
import type { Ledger } from '../../ledger/index.ts'
import { accounts, type ChainId, type Entry } from '../../specs/index.ts'
import { Chance } from '../fuzz/chance.ts'
import { members } from '../sim/bank/cast.ts'
import type { Control } from '../sim/bank/controls.ts'
import { earn } from './earning.ts'
import type { Promises } from './promises.ts'
import { Spending } from './spending.ts'
import { Storm } from './storm.ts'
import { Three } from './three.ts'

/** What a run over real processes is. */
export interface Running {
  readonly seed: number
  readonly attempts: number
  /** Whether one is away until its chain has another home, too. */
  readonly isRough?: boolean
  /** A rule that is broken in all coordinators. */
  readonly broken?: Control
}

/** What it came to. */
export interface Came {
  readonly attempts: number
  readonly promised: number
  readonly arrived: number
  readonly ms: number
  readonly outcomes: ReadonlyMap<string, number>
  /** How often coordinators were killed, and parted. */
  readonly faults: ReadonlyMap<string, number>
}

/**
 * Owners earn on three chains, and spend what they have as often as they can, while coordinators
 * are killed and parted. At the end all chains are read, and have to add up.
 */
export async function run({ seed, attempts, isRough = false, broken }: Running): Promise<Came> {
  const chance = new Chance(seed, 13)
  await using three = await Three.open(broken)
  const nodes = ['ann', 'bob', 'cid']
  await Promise.all(
    three.all.map(async (one) => {
      // One after the other, or one would have the units of another.
      for (const [i, owner] of members.entries()) await earn(owner, nodes[i] as string, one, i)
    }),
  )
  const from = performance.now()
  await using spending = await Spending.open(three, chance)
  const storm = new Storm(three, new Chance(seed, 14), isRough)
  while (spending.asked < attempts || !storm.isThrough) await spending.act()
  await storm.end()
  await spending.claimAll(await departures(three))
  const { asked, outcomes, promises } = spending
  const ms = Math.round(performance.now() - from)
  const arrived = await added(three, promises)
  return { attempts: asked, promised: promises.size, arrived, ms, outcomes, faults: storm.counts }
}

/** All departures that stand in the chains, whoever was told of them. */
async function departures({ invitation }: Three) {
  await using connection = valued(await connect({ invitation, key: new Uint8Array(32).fill(7) }))
  const found: { readonly chain: ChainId; readonly seq: number }[] = []
  const seen = ({ chain, seq, facts }: Entry) => {
    const departs = facts.some((fact) => fact.type === 'transfer' && fact.purpose.type === 'depart')
    if (departs) found.push({ chain, seq })
  }
  valued(await connection.readAll(AbortSignal.timeout(120_000), seen))
  return found
}

/** Reads all chains, each signature of them, and holds that nothing was spent twice. */
async function added({ invitation }: Three, promises: Promises): Promise<number> {
  await using connection = valued(await connect({ invitation, key: new Uint8Array(32).fill(8) }))
  const reads = valued(await connection.readAll(AbortSignal.timeout(120_000)))
  if (reads.length < members.length) throw new Error(`${reads.length} chains are read`)
  const ledgers = new Map(reads.map(({ chain, ledger }) => [chain, ledger]))
  let [sum, arrived] = [0, 0]
  for (const [chain, ledger] of ledgers) {
    for (const [account, { micro }] of ledger.state.balances.entries()) {
      sum += micro
      const mayOwe = account === accounts.mint || account.startsWith('bridge/')
      if (micro < 0 && !mayOwe) throw new Error(`${account} is below 0 on ${chain}`)
    }
    arrived += arrivals(chain, ledger, ledgers)
  }
  if (sum !== 0) throw new Error(`the sum over all chains is ${sum}`)
  promises.kept(new Map(reads.map(({ chain, ledger }) => [chain, ledger.state])))
  return arrived
}

/** How many departures arrived on a chain, each of which left another one for it. */
function arrivals(
  chain: ChainId,
  { state }: Ledger,
  ledgers: ReadonlyMap<ChainId, Ledger>,
): number {
  let arrived = 0
  for (const [crossing, { to }] of state.crossings.entries()) {
    const from = crossing.slice(0, 64) as ChainId
    if (from === chain) {
      if (ledgers.get(to)?.state.crossings.get(crossing) !== undefined) continue
      throw new Error(`${crossing} arrived nowhere`)
    }
    if (ledgers.get(from)?.state.crossings.get(crossing)?.to !== chain) {
      throw new Error(`${crossing} never departed`)
    }
    arrived++
  }
  // What left over a bridge is what arrived over it.
  for (const [account, { micro }] of state.balances.entries()) {
    const [kind, from, to] = account.split('/')
    if (kind !== 'bridge' || from !== chain) continue
    const there = ledgers.get(to as ChainId)?.state.balances.get(account)?.micro ?? 0
    if (micro + there !== 0) throw new Error(`${micro + there} is left on ${account}`)
  }
  return arrived
}
