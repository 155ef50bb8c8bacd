import type { ChainId, Lease } from '@nexapod/specs'
import { type Contact, type State, talkOf } from './state.ts'

/** Chains of which the node holds leases or keeps receipts. */
export function openChains({ held, keptOf }: State): ReadonlySet<ChainId> {
  const chains = new Set(keptOf.keys())
  for (const { lease, stage } of held.values()) if (stage !== 'ending') chains.add(lease.chain)
  return chains
}

/** Those who have to be told something, or who have to tell us: they write such a chain. */
export function creditors(state: State): ReadonlySet<Contact> {
  const chains = openChains(state)
  const contacts = [...state.contacts.values()]
  return new Set(contacts.filter(({ writes }) => writes !== undefined && chains.has(writes.chain)))
}

/** Whoever gave a lease, or writes its chain in a later epoch: an epoch has one writer. */
export function mayHave({ chain, coordinator, epoch }: Lease, contact: Contact): boolean {
  if (contact.writes?.chain !== chain) return false
  return contact.coordinator === coordinator || contact.writes.epoch > epoch
}

/**
 * Whose word holds on a lease: that of who gave it, as long as there is a stream to it; else that
 * of whoever writes its chain in a later epoch. So nobody stops what somebody leased who is there.
 */
export function answersFor(state: State, contact: Contact, lease: Lease): boolean {
  if (!mayHave(lease, contact)) return false
  return contact.coordinator === lease.coordinator || giverOf(state, lease) === undefined
}

/** The contact that gave a lease, if there is a stream to it. */
function giverOf({ contacts }: State, { coordinator, chain }: Lease): Contact | undefined {
  for (const key of [coordinator, `${coordinator}/${chain}`]) {
    const contact = contacts.get(key)
    if (contact?.writes?.chain === chain && talkOf(contact) !== undefined) return contact
  }
  return undefined
}
