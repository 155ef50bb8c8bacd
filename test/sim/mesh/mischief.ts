import {
  type ChainId,
  type CoordinatorId,
  type Execution,
  encode,
  type FromNode,
  type Lease,
  leaseDocument,
  limits,
  open,
  type Receipt,
  receiptDocument,
  sign,
  toHex,
} from '../../../specs/index.ts'
import { digestNamed, keyNamed } from './cast.ts'
import type { Company, Delivery } from './company.ts'
import { between, some } from './draws.ts'
import type { NodeShell } from './node-shell.ts'

/** What was said before among what is said now: doubled, reordered, or of somebody else. */
export function replayed(
  { chance }: NodeShell,
  { loot }: Company,
  before: readonly FromNode[],
  messages: readonly FromNode[],
): readonly FromNode[] {
  if (messages[0]?.type === 'hello' && !chance.once(20)) return messages
  const more: FromNode[] = []
  if (chance.once(3)) more.push(...some(chance, before, 2))
  if (chance.once(3)) more.push(...some(chance, loot, 2).map(({ delivery }) => delivery))
  if (chance.once(4)) more.push(...messages)
  const all = [...messages, ...more]
  return messages[0]?.type !== 'hello' && chance.once(4) ? some(chance, all, all.length) : all
}

/** Of so many deliveries, most are not known to their coordinator yet. */
const recent = 4

/** A result of somebody else, as if it were one's own. */
export function stolen(
  { chance, person }: NodeShell,
  { loot }: Company,
  to: CoordinatorId,
  own: Delivery,
): readonly FromNode[] {
  const other = chance.any(loot.filter((one) => one.to === to).slice(-recent))?.delivery
  const mine = receiptOf(own)
  if (other === undefined || mine === undefined) return []
  const theirs = receiptOf(other)
  if (theirs === undefined) return []
  const claimed = { ...theirs, node: person.id }
  return [
    // Their receipt under one's own lease, their lease with one's own receipt, and all of theirs.
    { ...other, lease: own.lease },
    { ...own, lease: other.lease },
    other,
    // Their execution, signed by oneself.
    { ...other, receipt: sign(receiptDocument, claimed, person.signer) },
  ].filter(() => chance.once(2))
}

/** A delivery in which one thing is not what it has to be. */
export function forged({ chance, person }: NodeShell, own: Delivery): Delivery {
  const receipt = receiptOf(own)
  const lease = open(leaseDocument, own.lease)
  if (receipt === undefined || !lease.ok) return own
  const signed = (change: Partial<Receipt>) => {
    return { ...own, receipt: sign(receiptDocument, { ...receipt, ...change }, person.signer) }
  }
  const leased = (change: Partial<Lease>): Delivery => {
    const forger = keyNamed(person.name)
    const value = { ...lease.value, ...change, coordinator: forger.id as Lease['coordinator'] }
    return { ...own, lease: sign(leaseDocument, value, forger) }
  }
  const way = chance.below(9)
  if (way === 0) return { ...own, receipt: { ...own.receipt, signatures: [new Uint8Array(64)] } }
  if (way === 1) return signed({ chain: toHex(digestNamed('another chain')) as ChainId })
  if (way === 2) return signed({ fence: receipt.fence + 1 })
  if (way === 3) return signed({ slot: (receipt.slot + 1) % 16 })
  if (way === 4) return signed({ epoch: receipt.epoch + 1 })
  if (way === 5) return signed({ result: toHex(digestNamed('a result')) as Receipt['result'] })
  if (way === 6) return leased({ slot: (lease.value.slot + 1) % 16 })
  if (way === 7) {
    // A slot more, under the signature for another.
    const slot = (receipt.slot + 1) % 16
    const body = encode(leaseDocument.schema, { ...lease.value, slot })
    return { ...signed({ slot }), lease: { ...own.lease, body } }
  }
  const { outcome } = own.manifest
  return { ...own, manifest: { ...own.manifest, outcome: { ...outcome, outputs: [] } } }
}

/** Executions that others may hold, as one's own leases let guess: fences are small numbers. */
export function guessed({ chance }: NodeShell, seen: readonly Lease[]): readonly Execution[] {
  const latest = seen[0]?.fence ?? 1
  return Array.from({ length: limits.perFrameMax }, () => {
    const { job, unit, epoch } = chance.one(seen)
    return {
      ...{ job, epoch, slot: chance.below(limits.slotsMax) },
      unit: Math.max(0, unit + between(chance, -2, 2)),
      fence: Math.max(1, latest + between(chance, -4, 6)),
    }
  })
}

function receiptOf({ receipt }: Delivery): Receipt | undefined {
  const opened = open(receiptDocument, receipt)
  return opened.ok ? opened.value : undefined
}
