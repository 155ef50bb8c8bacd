import { type Anomaly, short } from './anomaly.ts'
import type { ReadChain } from './chains.ts'
import type { Event, Noted } from './history.ts'

type Transfer = Noted & { readonly f: 'transfer'; readonly seq: number }

/** What a history says of credit. */
export interface Banked {
  readonly anomalies: readonly Anomaly[]
  readonly counts: { readonly paid: number; readonly micro: number }
}

/**
 * All accounts together are 0 at each read, nobody has less than nothing, no transfer is there
 * twice, nobody is paid twice for a unit, and whoever won one is paid.
 */
export function bank(events: readonly Event[], chains: ReadonlyMap<string, ReadChain>): Banked {
  const anomalies: Anomaly[] = []
  for (const event of events) {
    if (event.type !== 'read' || event.sum === 0) continue
    const { chain, size, sum, at } = event
    anomalies.push({ is: 'sum', says: `${short(chain)} of ${size} entries, at ${at}: ${sum}` })
  }
  const paid = new Map<string, number>()
  let micro = 0
  for (const one of chains.values()) {
    anomalies.push(...balanced(one))
    for (const { key, micro: got } of paidIn(one)) {
      paid.set(key, (paid.get(key) ?? 0) + 1)
      micro += got
    }
  }
  for (const [key, times] of paid) {
    if (times > 1) anomalies.push({ is: 'paid-twice', says: `${key} was paid ${times} times` })
  }
  for (const one of chains.values()) {
    for (const key of wonIn(one)) {
      if (!paid.has(key)) anomalies.push({ is: 'unpaid', says: `${key} won and was not paid` })
    }
  }
  anomalies.push(...crossed(chains))
  return { anomalies, counts: { paid: paid.size, micro } }
}

/** The transfers of a chain one after the other: no account below 0, no transfer twice. */
function balanced({ chain, facts }: ReadChain): Anomaly[] {
  const anomalies: Anomaly[] = []
  const balances = new Map<string, number>()
  const seen = new Set<string>()
  for (const fact of facts) {
    if (fact.f === 'transfer') {
      const { id, purpose, from, to, micro, seq } = fact
      if (seen.has(id)) {
        const says = `${purpose} ${short(id)} is in ${short(chain)} again at ${seq}`
        anomalies.push({ is: 'transfer-twice', says })
      }
      seen.add(id)
      const left = (balances.get(from) ?? 0) - micro
      balances.set(from, left)
      balances.set(to, (balances.get(to) ?? 0) + micro)
      const mayOwe = from === 'mint' || isFarSide(from, chain)
      if (left < 0 && !mayOwe) {
        anomalies.push({ is: 'below-0', says: `${from} of ${short(chain)} at ${seq}: ${left}` })
      }
    } else if (fact.f === 'end' && (balances.get(`escrow/${fact.job}`) ?? 0) !== 0) {
      const says = `${short(fact.job)} ended at ${fact.seq} with credit in its escrow`
      anomalies.push({ is: 'escrow', says })
    }
  }
  return anomalies
}

/** The side of a bridge that owes what has arrived: of credit that came from elsewhere. */
function isFarSide(account: string, chain: string): boolean {
  return account.startsWith('bridge/') && account.endsWith(`/${chain}`)
}

interface Execution {
  readonly job: string
  readonly unit: number
  readonly slot: number
}

/** Whose an execution is: a node is to be paid once for a unit, whatever slot it had. */
function nodesOf({ facts }: ReadChain): (of: Execution) => string {
  const nodes = new Map<string, string>()
  for (const fact of facts) {
    if (fact.f !== 'verdict') continue
    for (const [slot, node] of fact.opened) nodes.set(`${fact.job}/${fact.unit}/${slot}`, node)
  }
  return ({ job, unit, slot }) => {
    return `${job}/${unit}/${nodes.get(`${job}/${unit}/${slot}`) ?? `slot ${slot}`}`
  }
}

/** What was paid for each execution: what was earned for it and did not go back. */
function paidIn(chain: ReadChain): { readonly key: string; readonly micro: number }[] {
  const keyOf = nodesOf(chain)
  return chain.facts.flatMap((fact) => {
    if (fact.f !== 'transfer' || fact.purpose !== 'settle' || !isPaid(fact)) return []
    const [, job = '', unit, slot] = fact.from.split('/')
    return [{ key: keyOf({ job, unit: Number(unit), slot: Number(slot) }), micro: fact.micro }]
  })
}

function isPaid({ from, to }: Transfer): boolean {
  return from.startsWith('hold/') && (to.startsWith('owner/') || to.startsWith('bond/'))
}

/** Who won by the last verdict of each unit, of the jobs that have ended. */
function wonIn(chain: ReadChain): Set<string> {
  const keyOf = nodesOf(chain)
  const last = new Map<string, Execution[]>()
  const ended = new Set<string>()
  for (const fact of chain.facts) {
    if (fact.f === 'end') ended.add(fact.job)
    if (fact.f !== 'verdict') continue
    const { job, unit, as, agreeing } = fact
    const won = as === 'accepted' ? agreeing.map((slot) => ({ job, unit, slot })) : []
    last.set(`${job}/${unit}`, won)
  }
  return new Set(
    [...last.values()]
      .flat()
      .filter(({ job }) => ended.has(job))
      .map(keyOf),
  )
}

/** Credit that changed chains: it arrives once, where it was sent, as much as had left. */
function crossed(chains: ReadonlyMap<string, ReadChain>): Anomaly[] {
  const anomalies: Anomaly[] = []
  const departed = new Map<string, Transfer & { chain: string }>()
  const arrived = new Map<string, string>()
  const moved = [...chains.values()].flatMap(({ chain, facts }) => {
    return facts.flatMap((fact) => (fact.f === 'transfer' ? [{ ...fact, chain }] : []))
  })
  for (const one of moved) if (one.purpose === 'depart') departed.set(one.id, one)
  for (const { purpose, of = '', chain, micro, from } of moved) {
    if (purpose !== 'arrive') continue
    const left = departed.get(of)
    const where = `${short(of)} in ${short(chain)}`
    if (left === undefined) anomalies.push({ is: 'from-nowhere', says: `${where} never departed` })
    else if (left.micro !== micro || left.to !== from) {
      anomalies.push({ is: 'other-credit', says: `${where} arrived otherwise than it departed` })
    }
    const before = arrived.get(of)
    if (before !== undefined && before !== chain) {
      anomalies.push({ is: 'arrived-twice', says: `${where}, and in ${short(before)}` })
    }
    arrived.set(of, chain)
  }
  return anomalies
}
