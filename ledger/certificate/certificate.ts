import {
  type Account,
  type Answer,
  accept,
  accountSchema,
  bytes,
  type Checkpoint,
  checkpointDocument,
  constant,
  cosignatureDocument,
  type Delegation,
  decode,
  delegationDocument,
  digestBytes,
  type Entry,
  encode,
  entrySchema,
  type Infer,
  int,
  leafHash,
  limits,
  list,
  oneOf,
  open,
  optional,
  receiptDocument,
  refuse,
  signedSchema,
  struct,
} from '@nexapod/specs'
import type { Electorate } from '../chain/governance.ts'
import { openCosigned } from '../chain/witness.ts'
import { balanceOf, balanceSchema, type State } from '../fold/state.ts'
import { rowHash } from '../state/rows.ts'
import { includes } from '../tree/proof.ts'

const path = list(bytes({ size: 32 }), { max: limits.pathHashesMax })
const place = int({ min: 0, max: limits.entriesMax })

/** The schema of a certificate: a file that proves what a ledger holds to somebody without it. */
export const certificateSchema = struct({
  v: constant(1),
  checkpoint: signedSchema(checkpointDocument),
  cosignatures: list(signedSchema(cosignatureDocument), { max: limits.rosterMax }),
  proves: oneOf({
    /** How much an account holds, at the state root. */
    balance: {
      account: accountSchema,
      micro: int({ min: -limits.microMax, max: limits.microMax }),
      index: place,
      size: place,
      path,
    },
    /** What happened in an entry, at the root of the chain. */
    entry: { seq: place, entry: bytes({ max: limits.entryBytesMax }), path },
  }),
  /** Whose a node is that the entry names. */
  delegation: optional(signedSchema(delegationDocument, 2)),
})

/** A file that proves what a ledger holds to somebody without it. */
export type Certificate = Infer<typeof certificateSchema>

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
  const proof = state.tables.rows.prove(`balance/${account}`)
  if (proof === undefined) return undefined
  const balance = { type: 'balance' as const, account, micro: balanceOf(state, account) }
  return { v: 1, ...cosigned, proves: { ...balance, ...proof } }
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

/** Whether a delegation held when its node's receipt was opened in an entry. */
function isOf({ node, expires }: Delegation, { facts, time }: Entry): boolean {
  const receipts = facts.flatMap((fact) => (fact.type === 'verdict' ? fact.receipts : []))
  const nodes = receipts.map((signed) => open(receiptDocument, signed))
  return time < expires && nodes.some((receipt) => receipt.ok && receipt.value.node === node)
}

type Proves<T> = Certificate['proves'] & { readonly type: T }

function provenBalance(
  { state }: Checkpoint,
  { account, micro, index, size, path }: Proves<'balance'>,
): Answer<Pick<Certified, 'balance'>> {
  const leaf = rowHash(`balance/${account}`, encode(balanceSchema, { micro }))
  if (includes(digestBytes(state), size, index, leaf, path)) {
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
