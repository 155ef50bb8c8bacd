import { balanceOf, certifyBalance, openCertificate } from '@nexapod/ledger'
import {
  accounts,
  certificateSchema,
  checkpointDocument,
  checkpointId,
  encode,
  fromJson,
  type NodeId,
  type OwnerId,
  open,
  peerId,
} from '@nexapod/specs'
import { witnessesOf } from './auditor.ts'
import type { Reading } from './reading.ts'
import type { Attested } from './told.ts'

const ownerSchema = peerId<OwnerId>()

/**
 * Makes the certificate of what an owner has, out of what this browser has read and verified: the
 * coordinator has no part in it. What its reader would refuse is not given away.
 */
export function attest(owner: string, { last, auditor }: Reading): Attested {
  const { governance, state, size } = auditor
  const id = fromJson(ownerSchema, owner)
  if (!id.ok) return { ok: false, why: 'That is no key.' }
  if (last === undefined || governance === undefined || state === undefined) {
    return { ok: false, why: 'The ledger is still being verified.' }
  }
  const { checkpoint } = last
  const signed = open(checkpointDocument, checkpoint)
  if (!signed.ok || signed.value.size !== size) {
    return { ok: false, why: 'The ledger has just grown: its next checkpoint is being verified.' }
  }
  // Who is new has a bond before anything else, under the key of its node.
  const purse = accounts.owner(id.value)
  const bond = accounts.bond(id.value as string as NodeId)
  const account = balanceOf(state, purse) > 0 ? purse : bond
  const made = balanceOf(state, account) > 0 && certifyBalance(state, account, last)
  if (!made)
    return { ok: false, why: 'Nothing is final yet, and what is pending is not certified.' }
  const bytes = encode(certificateSchema, made)
  const opened = openCertificate(governance, bytes)
  if (!opened.ok || opened.value.balance === undefined) {
    return { ok: false, why: 'A quorum of the coordinators has not signed this checkpoint yet.' }
  }
  const { chain, time, coordinator, state: root } = opened.value.checkpoint
  return {
    ...{ ok: true, bytes, owner, micro: opened.value.balance.micro, size },
    isBond: account === bond,
    ...{ chain, time, coordinator, root, mesh: governance.mesh },
    checkpoint: checkpointId(checkpoint),
    signers: 1 + witnessesOf(governance, opened.value.checkpoint, last.cosignatures).length,
    members: governance.members.length,
  }
}
