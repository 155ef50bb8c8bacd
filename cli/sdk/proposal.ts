import { readFile } from 'node:fs/promises'
import type { Governance } from '@nexapod/ledger'
import {
  type Answer,
  accept,
  type Change,
  type CoordinatorId,
  changeId,
  type Digest,
  type Document,
  encode,
  fromHex,
  fromJson,
  isSignedBy,
  type Json,
  joinParts,
  type RateCard,
  type Rates,
  type Roster,
  rateCardDocument,
  refuse,
  rosterDocument,
  type Signed,
  type Signer,
  signPart,
  toHex,
  toJson,
} from '@nexapod/specs'

/** What is proposed: a roster or a rate card, and who has signed it so far. */
export type Proposal = {
  readonly signatures: ReadonlyMap<CoordinatorId, Uint8Array>
} & (
  | { readonly type: 'roster'; readonly says: Roster }
  | { readonly type: 'rates'; readonly says: RateCard }
)

/** The longest roster takes half of it as JSON; a file that is longer is something else. */
const fileBytesMax = 256 * 1024

/** A proposal as it stands in its file: for people to read, who sign it one after the other. */
export function proposalText(proposal: Proposal): string {
  const { type, signatures } = proposal
  const says =
    type === 'roster'
      ? jsonOf(rosterDocument, proposal.says)
      : jsonOf(rateCardDocument, proposal.says)
  const signed = Object.fromEntries([...signatures].map(([key, one]) => [key, toHex(one)]))
  return `${JSON.stringify({ type, says, signatures: signed }, null, 2)}\n`
}

/** Reads a proposal. Each signature in it is looked at. */
export async function readProposal(path: string): Promise<Answer<Proposal>> {
  const text = await readFile(path)
  if (text.length > fileBytesMax) return refuse('bytes.too-large', { at: path })
  const read = parsed(text.toString('utf8'))
  if (!read.ok) return read
  const { type, says, signatures } = read.value
  if (type === 'roster') {
    const roster = fromJson(rosterDocument.schema, says)
    if (!roster.ok) return roster
    const all = signaturesOf(rosterDocument, roster.value, signatures)
    return all.ok ? accept({ type, says: roster.value, signatures: all.value }) : all
  }
  const card = fromJson(rateCardDocument.schema, says)
  if (!card.ok) return card
  const all = signaturesOf(rateCardDocument, card.value, signatures)
  return all.ok ? accept({ type, says: card.value, signatures: all.value }) : all
}

/** The same, with the signature of one more of its signers. */
export function signedBy(proposal: Proposal, signer: Signer): Proposal {
  const { signatures } = proposal
  const one =
    proposal.type === 'roster'
      ? signPart(rosterDocument, proposal.says, signer)
      : signPart(rateCardDocument, proposal.says, signer)
  const all = new Map(signatures).set(signer.id as CoordinatorId, one)
  return { ...proposal, signatures: all }
}

/** Who has not signed yet. */
export function missingIn({ says, signatures }: Proposal): CoordinatorId[] {
  return says.signers.filter((key) => !signatures.has(key))
}

/** The change, once all have signed it. */
export function changeOf(proposal: Proposal): Change | undefined {
  if (missingIn(proposal).length > 0) return undefined
  if (proposal.type === 'roster') return { type: 'roster', roster: whole(rosterDocument, proposal) }
  return { type: 'rates', rates: whole(rateCardDocument, proposal) }
}

/** What the change will be called by, whoever signs it in which order. */
export function proposalId(proposal: Proposal): Digest {
  const signatures: Uint8Array[] = []
  if (proposal.type === 'roster') {
    const body = encode(rosterDocument.schema, proposal.says)
    return changeId({ type: 'roster', roster: { body, signatures } })
  }
  const body = encode(rateCardDocument.schema, proposal.says)
  return changeId({ type: 'rates', rates: { body, signatures } })
}

/** What a change does, in words. */
export function described(before: Governance | undefined, proposal: Proposal): string[] {
  const { revision } = proposal.says
  if (proposal.type === 'rates') {
    const { rates } = proposal.says
    const keys = Object.keys(rates) as (keyof Rates)[]
    const changed = keys.filter((key) => rates[key] !== before?.rates[key])
    return [`revision ${revision}, a rate card`, ...changed.map((key) => `  ${key} ${rates[key]}`)]
  }
  const { members, quorum } = proposal.says
  const was = new Set(before?.members.map(({ coordinator }) => coordinator))
  const now = new Set(members.map(({ coordinator }) => coordinator))
  return [
    `revision ${revision}, a roster: ${quorum} of ${members.length} must sign what follows`,
    ...members.map(({ coordinator, addresses }) => {
      const mark = before === undefined || was.has(coordinator) ? ' ' : '+'
      return `${mark} ${[coordinator, ...addresses].join('  ')}`
    }),
    ...[...was].filter((key) => !now.has(key)).map((key) => `- ${key}`),
  ]
}

function whole<T extends Roster | RateCard>(
  document: Document<T>,
  { says, signatures }: { readonly says: T; readonly signatures: Proposal['signatures'] },
): Signed<T> {
  const all = says.signers.map((key) => signatures.get(key) as Uint8Array)
  return joinParts(document, says, all)
}

function signaturesOf<T extends Roster | RateCard>(
  document: Document<T>,
  says: T,
  told: Readonly<Record<string, unknown>>,
): Answer<ReadonlyMap<CoordinatorId, Uint8Array>> {
  const all = new Map<CoordinatorId, Uint8Array>()
  for (const [text, hex] of Object.entries(told)) {
    const key = says.signers.find((one) => one === text)
    const signature = typeof hex === 'string' ? fromHex(hex) : undefined
    if (key === undefined) return refuse('signature.count', { detail: `${text} is no signer` })
    if (signature === undefined || !isSignedBy(document, says, key, signature)) {
      return refuse('signature.false', { detail: `of ${key}: what it signed was changed since` })
    }
    all.set(key, signature)
  }
  return accept(all)
}

interface Parsed {
  readonly type: 'roster' | 'rates'
  readonly says: Json
  readonly signatures: Readonly<Record<string, unknown>>
}

function parsed(text: string): Answer<Parsed> {
  try {
    const { type, says, signatures } = JSON.parse(text) ?? {}
    const isMap = typeof signatures === 'object' && signatures !== null
    if ((type === 'roster' || type === 'rates') && isMap) return accept({ type, says, signatures })
    return refuse('document.form', { detail: 'type, says and signatures are expected' })
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    return refuse('document.form', { detail: `it is no JSON: ${cause.message}` })
  }
}

function jsonOf<T>(document: Document<T>, says: T): Json {
  return toJson(document.schema, says)
}
