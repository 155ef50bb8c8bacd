import {
  type Account,
  accounts,
  type Fact,
  open,
  type PeerId,
  type Receipt,
  type ResultId,
  receiptDocument,
  type Signed,
} from '@nexapod/specs'
import type { Chance } from './chance.ts'
import { accountOf, peer, receiptOf } from './world.ts'

type Of<T extends Fact['type']> = Fact & { readonly type: T }

/** What a fact is spoilt with: the epoch that it stands in, and chance. */
interface Spoiling {
  readonly epoch: number
  readonly chance: Chance
}

/** A way to spoil a fact; undefined where it cannot be done to this one. */
type Spoil = (fact: Fact, spoiling: Spoiling) => Fact | undefined

/** Facts that begin an entry in which one needs the other, in this order. */
const bound = /^(job|verdict|claim)$/

/**
 * The facts of a right entry with one thing wrong, so that no fold may take it; undefined where
 * chance finds nothing.
 */
export function spoilt(facts: readonly Fact[], spoiling: Spoiling): readonly Fact[] | undefined {
  const { chance } = spoiling
  const [first] = facts
  if (first === undefined) return undefined
  const at = chance.pick(facts.length)
  const fact = facts[at] as Fact
  const how = chance.pick(12)
  if (how === 0) return facts.toSpliced(at, 0, fact)
  if (how < 3 && facts.length > 1 && bound.test(first.type)) {
    return how === 1 ? facts.toSpliced(at, 1) : [...facts.slice(1), first]
  }
  const others = spoils.flatMap((spoil) => spoil(fact, spoiling) ?? [])
  const other = chance.one(others)
  return other === undefined ? undefined : facts.with(at, other)
}

const spoils: readonly Spoil[] = [
  moved((fact) => ({ ...fact, micro: fact.micro + 1 })),
  moved((fact) => ({ ...fact, micro: fact.micro - 1 })),
  moved((fact) => ({ ...fact, to: strangerTo(fact.to) })),
  moved((fact) => ({ ...fact, from: strangerTo(fact.from) })),
  moved((fact) => (fact.to.startsWith('owner/') ? { ...fact, to: accounts.mint } : undefined)),
  moved((fact) => {
    const node = fact.to.startsWith('bond/') ? fact.to.slice('bond/'.length) : undefined
    return node === undefined ? undefined : { ...fact, to: accountOf(node as PeerId) }
  }),
  moved((fact) => {
    if (!fact.from.startsWith('bond/')) return undefined
    return { ...fact, to: fact.to === accounts.slash ? accountOf(peer(2).id) : accounts.slash }
  }),
  moved((fact) => {
    if (fact.purpose.type !== 'meter') return undefined
    return { ...fact, purpose: { ...fact.purpose, interval: fact.purpose.interval + 1 } }
  }),
  moved((fact) => {
    const { purpose } = fact
    // Of the first interval, another lease may be metered as well.
    if (purpose.type !== 'meter' || purpose.interval === 0 || purpose.fence === 1) return undefined
    return { ...fact, purpose: { ...purpose, fence: purpose.fence - 1 } }
  }),
  moved((fact) => {
    if (fact.purpose.type !== 'bond') return undefined
    return { ...fact, purpose: { ...fact.purpose, count: fact.purpose.count + 1 } }
  }),
  moved((fact) => {
    if (fact.purpose.type !== 'depart') return undefined
    return { ...fact, purpose: { ...fact.purpose, nonce: new Uint8Array(16).fill(255) } }
  }),
  moved((fact) => (fact.request ? { ...fact, request: forged(fact.request) } : undefined)),
  of('job', (fact) => ({ ...fact, job: forged(fact.job) })),
  of('job', (fact) => ({ ...fact, priceMicro: (fact.priceMicro ?? 0) + 1 })),
  of('receipt', (fact, { epoch }) => ({ ...fact, epoch: epoch + 1 })),
  of('receipt', (fact, { epoch }) => ({ ...fact, epoch, fence: fact.fence + 1000 })),
  of('receipt', (fact) => ({ ...fact, unit: fact.unit + 3 })),
  of('verdict', (fact) =>
    fact.receipts.length > 0 ? { ...fact, unit: fact.unit + 1 } : undefined,
  ),
  of('verdict', ({ receipts, ...fact }, spoiling) => {
    const [first, ...others] = receipts
    return first && isOf(first, spoiling) ? { ...fact, receipts: others } : undefined
  }),
  of('verdict', ({ receipts, ...fact }) => {
    const [first] = receipts
    return first && { ...fact, receipts: [...receipts, first] }
  }),
  of('verdict', ({ receipts, ...fact }) => {
    const [first, ...others] = receipts
    return first && { ...fact, receipts: [forged(first), ...others] }
  }),
  of('verdict', ({ receipts, ...fact }) => {
    const [first, ...others] = receipts
    const { signed } = receiptOf(peer(10), fact.job, fact.unit, 0, 'f'.repeat(64) as ResultId)
    return first && { ...fact, receipts: [signed, ...others] }
  }),
  accepted(({ outcome, ...decided }) => ({
    ...decided,
    outcome: { ...outcome, unit: outcome.unit + 1 },
  })),
  accepted(({ outcome, ...decided }) => ({
    ...decided,
    outcome: { ...outcome, ended: { type: 'exit', executor: 0, code: 77 } },
  })),
  accepted(({ outcome: { fuel, ...outcome }, ...decided }) => ({
    ...decided,
    outcome: fuel === undefined ? { ...outcome, fuel: 5 } : outcome,
  })),
  accepted(({ agreeing, ...decided }) => {
    return agreeing.length > 1 ? { ...decided, agreeing: agreeing.slice(1) } : undefined
  }),
  accepted(({ agreeing, ...decided }) => {
    const last = agreeing.at(-1) ?? 0
    return last < 15 ? { ...decided, agreeing: [...agreeing, last + 1] } : undefined
  }),
  accepted(({ struck, ...decided }) => ({ ...decided, struck: [...struck, 15] })),
  accepted((decided) => ({ ...decided, struck: decided.agreeing })),
  accepted((decided) => ({ ...decided, banned: decided.agreeing })),
  accepted(({ agreeing, banned, ...decided }) => {
    const more = [...banned, ...agreeing].sort((a, b) => a - b)
    return { ...decided, agreeing, banned: more }
  }),
  accepted((decided) => {
    return decided.struck.length > 0 ? { ...decided, banned: decided.struck } : undefined
  }),
  of('reopen', (fact) => ({ ...fact, unit: fact.unit + 3 })),
  of('fences', (fact) => (fact.below > 40 ? { ...fact, below: fact.below - 40 } : undefined)),
  of('draw', (fact) => ({ ...fact, shown: new Uint8Array(32).fill(255) })),
  of('claim', (fact) => ({ ...fact, seq: fact.seq + 1 })),
  of('claim', (fact) => ({ ...fact, entry: fact.entry.with(-1, 99) })),
  of('claim', (fact) => ({ ...fact, path: fact.path.slice(1) })),
  of('claim', (fact) => ({ ...fact, cosignatures: [] })),
  of('claim', (fact) => ({ ...fact, checkpoint: forged(fact.checkpoint) })),
  of('cancel', (fact) => ({ ...fact, request: forged(fact.request) })),
  of('end', (fact) => ({ ...fact, as: fact.as === 'final' ? 'dead' : 'final' })),
  of('end', (fact) => ({ ...fact, as: fact.as === 'cancelled' ? 'dead' : 'cancelled' })),
  of('delegation', (fact) => ({ ...fact, delegation: forged(fact.delegation) })),
  of('revocation', (fact) => ({ ...fact, revocation: forged(fact.revocation) })),
  of('rates', (fact) => ({ ...fact, rates: forged(fact.rates) })),
  of('roster', (fact) => ({ ...fact, roster: forged(fact.roster) })),
  of('seal', (fact) => ({ ...fact, seal: forged(fact.seal) })),
]

type Accepted = Of<'verdict'>['decided'] & { readonly type: 'accepted' }

function of<T extends Fact['type']>(
  type: T,
  change: (fact: Of<T>, spoiling: Spoiling) => Fact | undefined,
): Spoil {
  return (fact, spoiling) => (fact.type === type ? change(fact as Of<T>, spoiling) : undefined)
}

function moved(change: (fact: Of<'transfer'>) => Of<'transfer'> | undefined): Spoil {
  return of('transfer', change)
}

function accepted(change: (decided: Accepted) => Accepted | undefined): Spoil {
  return of('verdict', (fact) => {
    const decided = fact.decided.type === 'accepted' ? change(fact.decided) : undefined
    return decided && { ...fact, decided }
  })
}

/** Whether a receipt was sealed in the epoch of the entry. */
function isOf(signed: Signed<Receipt>, { epoch }: Spoiling): boolean {
  const receipt = open(receiptDocument, signed)
  return receipt.ok && receipt.value.epoch === epoch
}

/** The same document with a signature that is none. */
function forged<T>(signed: Signed<T>): Signed<T> {
  const { body, signatures, batch } = signed
  const others = signatures.map((one, i) => (i === 0 ? one.with(9, (one[9] ?? 0) ^ 1) : one))
  return { body, signatures: others, ...(batch === undefined ? {} : { batch }) }
}

/** Another account of the same kind, or what is none. */
function strangerTo(account: Account): Account {
  if (account.startsWith('owner/')) return accountOf(peer(30).id)
  return `${account.slice(0, -1)}${account.endsWith('1') ? '2' : '1'}` as Account
}
