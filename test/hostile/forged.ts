import { randomBytes } from 'node:crypto'
import {
  type Cid,
  cidOf,
  type FromNode,
  type Manifest,
  type Receipt,
  receiptDocument,
  resultId,
  type Signer,
  sha256,
  sign,
} from '../../specs/index.ts'
import type { Leased } from './peer.ts'

/** A result as a node brings it. */
export type Delivery = FromNode & { readonly type: 'deliver' }

/** What it looks like when a unit of pi has given some bytes. */
export function manifestOf({ says }: Leased, cid: Cid, bytes: number, fuel = 1_000_000): Manifest {
  const { job, unit } = says
  const outputs = [{ path: '/out/pi.csv', cid, bytes }] as Manifest['outcome']['outputs']
  const outcome = { v: 1 as const, job, unit, ended: ended(), fuel, outputs }
  return { outcome, whole: [], remarks: { wallMs: 10, cpuMs: 10, ramBytesPeak: 1000 } }
}

/** A manifest of an output that nobody can guess. */
export function secretManifest(leased: Leased): Manifest {
  const bytes = new Uint8Array(randomBytes(32))
  return manifestOf(leased, cidOf('raw', sha256(bytes)), bytes.length)
}

/** A result as its protocol wants it, but for what is changed before it is signed. */
export function delivery(
  { signed, says }: Leased,
  manifest: Manifest,
  signer: Signer,
  changed: Partial<Receipt> = {},
): Delivery {
  const { chain, job, unit, slot, epoch, fence, node } = says
  const salt = new Uint8Array(randomBytes(32))
  const result = resultId(manifest.outcome)
  const of = { v: 1 as const, chain, job, unit, slot, epoch, fence, node }
  const receipt: Receipt = { ...of, result, salt, issued: Date.now(), ...changed }
  return {
    type: 'deliver',
    lease: signed,
    receipt: sign(receiptDocument, receipt, signer),
    manifest,
  }
}

/** Signs in the name of another. */
export function inTheNameOf(id: Signer['id'], signer: Signer): Signer {
  return { id, sign: (message) => signer.sign(message) }
}

function ended(): Manifest['outcome']['ended'] {
  return { type: 'exit', executor: 0, code: 0 }
}
