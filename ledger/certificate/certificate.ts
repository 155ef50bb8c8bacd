import {
  type Account,
  type Answer,
  accept,
  type Certificate,
  type Checkpoint,
  certificateSchema,
  type Delegation,
  decode,
  delegationDocument,
  digestBytes,
  type Entry,
  encode,
  entrySchema,
  leafHash,
  limits,
  open,
  receiptDocument,
  refuse,
  rowHash,
  rowKey,
  rowSchemas,
} from '@nexapod/specs'
import type { Electorate } from '../chain/governance.ts'
import { openCosigned } from '../chain/witness.ts'
import { balanceOf, type State } from '../fold/state.ts'
import { includes } from '../tree/proof.ts'

type Cosigned = Pick<Certificate, 'checkpoint' | 'cosignatures'>

/** What a certificate says, once it has been checked. */
export interface Certified {
  readonly checkpoint: Checkpoint
  readonly balance?: { readonly account: Account; readonly micro: number }
  readonly entry?: Entry
  readonly delegation?: Delegation
}

/** The certificate of an account, at a state whose root the checkpoint is of. */
export function certifyBalance(
  state: State,
  account: Account,
  cosigned: Cosigned,
): Certificate | undefined {
  const proof = state.tables.prove(state.balances.row(account))
  if (proof === undefined) return undefined
  const balance = { type: 'balance' as const, account, micro: balanceOf(state, account) }
  return { v: 1, ...cosigned, proves: { ...balance, ...proof } }
}

/** The certificate of an entry, with the path that leads to the root of the checkpoint. */
export function certifyEntry(
  seq: number,
  entry: Uint8Array,
  path: readonly Uint8Array[],
  cosigned: Cosigned,
): Certificate {
  return { v: 1, ...cosigned, proves: { type: 'entry', seq, entry, path } }
}

/** Checks a certificate with nothing but the keys of the roster. */
export function openCertificate(electorate: Electorate, file: Uint8Array): Answer<Certified> {
  const read = decode(certificateSchema, file)
  if (!read.ok) return read
  const { checkpoint: signed, cosignatures, proves, delegation } = read.value
  const checkpoint = openCosigned(electorate, signed, cosignatures)
  if (!checkpoint.ok) return checkpoint
  const proven =
    proves.type === 'balance'
      ? provenBalance(checkpoint.value, proves)
      : provenEntry(checkpoint.value, proves)
  if (!proven.ok) return proven
  const certified: Certified = { checkpoint: checkpoint.value, ...proven.value }
  if (delegation === undefined) return accept(certified)
  const owned = open(delegationDocument, delegation)
  if (!owned.ok) return owned
  if (certified.entry === undefined || !isOf(owned.value, certified.entry)) {
    return refuse('proof.false', { detail: 'the delegation is of no node that earned there' })
  }
  return accept({ ...certified, delegation: owned.value })
}

/** Whether a delegation was of a node that agreed in an entry, and neither over nor to come. */
function isOf({ node, issued, expires }: Delegation, { facts, time }: Entry): boolean {
  if (time >= expires || issued > time + limits.clockSkewMs) return false
  return facts.some((fact) => {
    if (fact.type !== 'verdict' || fact.decided.type !== 'accepted') return false
    const { agreeing } = fact.decided
    return fact.receipts.some((signed) => {
      const receipt = open(receiptDocument, signed)
      return receipt.ok && receipt.value.node === node && agreeing.includes(receipt.value.slot)
    })
  })
}

type Proves<T> = Certificate['proves'] & { readonly type: T }

function provenBalance(
  { state }: Checkpoint,
  { account, micro, place, capacity, path }: Proves<'balance'>,
): Answer<Pick<Certified, 'balance'>> {
  const leaf = rowHash(rowKey('balance', account), encode(rowSchemas.balance, { micro }))
  if (includes(digestBytes(state), capacity, place, leaf, path)) {
    return accept({ balance: { account, micro } })
  }
  return refuse('proof.false', { detail: 'the balance is not in the state of the checkpoint' })
}

function provenEntry(
  { root, size, chain }: Checkpoint,
  { seq, entry: bytes, path }: Proves<'entry'>,
): Answer<Pick<Certified, 'entry'>> {
  const entry = decode(entrySchema, bytes)
  if (!entry.ok) return entry
  const there = includes(digestBytes(root), size, seq, leafHash(bytes), path)
  if (there && entry.value.seq === seq && entry.value.chain === chain) {
    return accept({ entry: entry.value })
  }
  return refuse('proof.false', { detail: 'the entry is not in the chain of the checkpoint' })
}
