import { includes, openCertificate, openCosigned } from '@nexapod/ledger'
import {
  decode,
  digestBytes,
  entryHash,
  entrySchema,
  explain,
  type Fact,
  leafHash,
  open,
  receiptDocument,
  toHex,
  toJson,
} from '@nexapod/specs'
import type { Reading } from './reading.ts'
import type { Source } from './source.ts'
import type { Proof, Step } from './told.ts'

/** Checks that an entry is below the checkpoint that this browser has verified, step by step. */
export async function prove(seq: number, reading: Reading, source: Source): Promise<Proof> {
  const { last, auditor } = reading
  const { governance } = auditor
  const none = { seq, path: [] }
  if (last === undefined || governance === undefined) {
    return { ...none, steps: [step('A checkpoint is verified here', false, 'not yet')] }
  }
  const seen = openCosigned({ ...governance, quorum: 1 }, last.checkpoint, last.cosignatures)
  if (!seen.ok) {
    return { ...none, steps: [step('The checkpoint is signed', false, seen.refusal.code)] }
  }
  const { size, root, coordinator } = seen.value
  const steps = [
    step('The checkpoint is signed by who writes the chain', true, coordinator),
    step('This browser has read every entry below it', auditor.size >= size, `${size} entries`),
  ]
  const found = await source.path(seq, size)
  if (!found.ok) {
    const { title } = found.problem
    return { ...none, steps: [...steps, step('There is a path to the entry', false, title)] }
  }
  const { entry: bytes, path } = found.value
  const isThere = includes(digestBytes(root), size, seq, leafHash(bytes), path)
  const along = `${path.length} hashes lead to the root ${root}`
  steps.push(step('The entry is in the tree that was signed', isThere, along))
  const entry = decode(entrySchema, bytes)
  if (!entry.ok) return { ...none, steps: [...steps, step('It is an entry', false, '')] }
  const isIt = entry.value.seq === seq && entry.value.chain === seen.value.chain
  steps.push(step('It is the entry that was asked for', isIt, `entry ${entry.value.seq}`))
  steps.push(...receiptsOf(entry.value.facts))
  return {
    seq,
    steps,
    entry: toJson(entrySchema, entry.value),
    path: path.map(toHex),
    hash: entryHash(bytes),
  }
}

/** Checks a certificate that somebody was given, with the keys of the roster that was read here. */
export function certify(bytes: Uint8Array, { auditor }: Reading): readonly Step[] {
  const { governance, chain } = auditor
  if (governance === undefined) return [step('The roster is known here', false, 'not yet')]
  const opened = openCertificate(governance, bytes)
  if (!opened.ok) return [step('It is a certificate of this mesh', false, explain(opened.refusal))]
  const { checkpoint, balance, entry, delegation } = opened.value
  const { members, quorum } = governance
  const steps = [
    step('A quorum of the roster has signed it', true, `${quorum} of ${members.length} must`),
    step('It is of the chain that is shown here', checkpoint.chain === chain, checkpoint.chain),
  ]
  if (balance !== undefined) {
    const held = `${balance.account} holds ${balance.micro} micro-credits`
    steps.push(step('The balance is in the state that was signed', true, held))
  }
  if (entry !== undefined) {
    steps.push(step('The entry is in the chain that was signed', true, `entry ${entry.seq}`))
  }
  if (delegation !== undefined) {
    const whose = `${delegation.node} was of ${delegation.owner}`
    steps.push(step('The node that earned there had this owner', true, whose))
  }
  return steps
}

/** How many receipts are shown to be signed: an entry may open thousands. */
const receiptsMax = 64

function receiptsOf(facts: readonly Fact[]): Step[] {
  const receipts = facts.flatMap((fact) => (fact.type === 'verdict' ? fact.receipts : []))
  if (receipts.length === 0) return []
  const looked = receipts.slice(0, receiptsMax)
  const good = looked.filter((signed) => open(receiptDocument, signed).ok)
  const detail = `${good.length} of ${looked.length} receipts`
  return [step('Each receipt is signed by its node', good.length === looked.length, detail)]
}

function step(what: string, ok: boolean, detail: string): Step {
  return { what, ok, detail }
}
