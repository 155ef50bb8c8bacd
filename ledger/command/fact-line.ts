import {
  type Checkpoint,
  checkpointDocument,
  type Document,
  decode,
  delegationDocument,
  type Fact,
  jobDocument,
  jobId,
  meshDocument,
  type Purpose,
  rateCardDocument,
  requestDocument,
  revocationDocument,
  rosterDocument,
  type Signed,
  sealDocument,
  units,
} from '@nexapod/specs'
import { count, counted, credits, instant, short } from './figures.ts'

type Lines = { readonly [T in Fact['type']]: (fact: Fact & { readonly type: T }) => string }

/** A fact on one line: what a person looks for first. JSON has all of it. */
export function factLine(fact: Fact): string {
  const line = lines[fact.type] as (fact: Fact) => string
  return line(fact)
}

const lines: Lines = {
  genesis: ({ mesh, coordinator }) => {
    const { name, members, quorum } = said(meshDocument, mesh)
    const roster = `${counted(members.length, 'coordinator')}, quorum ${quorum}`
    return `of mesh ${name}: ${roster}; by ${short(coordinator)}`
  },
  roster: ({ roster }) => {
    const { revision, members, quorum } = said(rosterDocument, roster)
    return `revision ${revision}: ${counted(members.length, 'coordinator')}, quorum ${quorum}`
  },
  rates: ({ rates }) => `revision ${said(rateCardDocument, rates).revision}`,
  node: ({ node, tier, platform }) => `${short(node)}, ${tier}, ${platform}`,
  delegation: ({ delegation }) => {
    const { node, owner, expires } = said(delegationDocument, delegation)
    return `node ${short(node)} to owner ${short(owner)} until ${instant(expires)}`
  },
  revocation: ({ revocation }) => {
    const { node, owner, by } = said(revocationDocument, revocation)
    return `node ${short(node)} from owner ${short(owner)}, by the ${by}`
  },
  job: ({ job }) => {
    const value = said(jobDocument, job)
    const { name, publisher } = value
    const size = counted(units(value).count, 'unit')
    return `${short(jobId(job))} "${name}": ${size}, by ${short(publisher)}`
  },
  receipt: ({ slot, epoch, fence, ...unit }) =>
    `${unitOf(unit)} slot ${slot}, lease ${epoch}/${fence}`,
  verdict: ({ decided, ...unit }) => {
    if (decided.type !== 'accepted') return `${unitOf(unit)} ${decided.type}`
    const { agreeing, referees, struck, banned } = decided
    const others = Object.entries({ 'of referees': referees, struck, banned })
    const said = others.flatMap(([what, slots]) => {
      return slots.length > 0 ? [`, ${slots.join(', ')} ${what}`] : []
    })
    return `${unitOf(unit)} accepted: slots ${agreeing.join(', ')} agree${said.join('')}`
  },
  reopen: unitOf,
  transfer: ({ purpose, from, to, micro }) => {
    const way = `from ${account(from)} to ${account(to)}`
    return `${credits(micro)} credits ${way}, ${purposeOf(purpose)}`
  },
  fences: ({ below }) => `below ${count(below)}`,
  draw: ({ next }) => `next ${short(next)}`,
  claim: ({ seq, checkpoint }) => {
    const { chain }: Checkpoint = said(checkpointDocument, checkpoint)
    return `entry ${count(seq)} of chain ${short(chain)}`
  },
  cancel: ({ request }) => {
    const { act, from } = said(requestDocument, request)
    return `${act.type === 'cancel' ? short(act.job) : act.type}, asked by ${short(from)}`
  },
  end: ({ job, as }) => `${short(job)} ${as}`,
  seal: ({ seal }) => {
    const { epoch, size, successor } = said(sealDocument, seal)
    return `epoch ${epoch} at ${counted(size, 'entry', 'entries')}; ${short(successor)} goes on`
  },
}

/** What a signed document says: nobody verifies it here, the chain did when it was written. */
function said<T>(document: Document<T>, { body }: Signed<T>): T {
  const read = decode(document.schema, body)
  if (!read.ok) throw new Error(`a ${document.domain} that an entry was decoded with`)
  return read.value
}

function unitOf({ job, unit }: { readonly job: string; readonly unit: number }): string {
  return `${short(job)}/${unit}`
}

/** An account with its long parts cut. */
function account(name: string): string {
  return name
    .split('/')
    .map((part) => (part.length > 20 ? short(part) : part))
    .join('/')
}

function purposeOf(purpose: Purpose): string {
  return purpose.type === 'earn' ? `earned in slot ${purpose.slot}` : purpose.type
}
