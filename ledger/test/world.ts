import {
  type Account,
  accounts,
  type CoordinatorId,
  cidOf,
  type Digest,
  delegationDocument,
  type Entry,
  earned,
  ed25519,
  type Fact,
  type Job,
  type JobId,
  jobDocument,
  jobId,
  metered,
  type NodeId,
  noEntry,
  type Outcome,
  type OwnerId,
  type PeerId,
  type PublisherId,
  type Purpose,
  priced,
  type Rates,
  type Receipt,
  type Request,
  type ResultId,
  receiptDocument,
  receiptId,
  requestDocument,
  resultId,
  type Signed,
  type Signer,
  sign,
  transferId,
} from '@nexapod/specs'
import type { Governance } from '../chain/stand.ts'

/** The chain that the worlds of the tests are on. */
export const chain = 'c'.repeat(64) as Entry['chain']

const rates: Rates = {
  microPerGigafuel: 1000,
  microPerCoreSecond: 10,
  microPerGpuSecond: 10,
  bondMicro: 0,
  auditPermille: 50,
  settleMs: 1000,
  apart: 'owners',
}

/** With one core, 1000 micro-credits of the rate card. */
const unitMs = 100_000

const peers = new Map<number, Signer>()

/** The coordinator, and others of its roster: their nodes are believed, and paid at once. */
export const members = [peer(99), peer(1), peer(3), peer(4)] as const

/** Who governs there. */
export const governance: Governance = {
  mesh: 'd'.repeat(64) as Governance['mesh'],
  members: members.map(({ id }) => ({ coordinator: id as CoordinatorId, addresses: [] })),
  quorum: 1,
  rates,
  revision: 0,
  prev: noEntry as Digest,
}

/** Somebody by number. */
export function peer(number: number): Signer {
  const known = peers.get(number)
  if (known !== undefined) return known
  const seed = new Uint8Array(32)
  new DataView(seed.buffer).setUint32(0, number + 1)
  const made = ed25519.signer(seed)
  peers.set(number, made)
  return made
}

/** An entry of facts at a time; its place in a chain does not matter to a fold. */
export function entryOf(facts: readonly Fact[], time: number): Entry {
  return { v: 1, chain, epoch: 0, seq: 1, prev: noEntry, time, facts }
}

/** A transfer for something. */
export function transfer(
  purpose: Purpose,
  from: Account,
  to: Account,
  micro: number,
  request?: Signed<Request>,
): Fact {
  return {
    type: 'transfer',
    purpose,
    from,
    to,
    micro,
    ...(request === undefined ? {} : { request }),
  }
}

/** What somebody asks of the chain. */
export function request(
  by: Signer,
  counter: number,
  act: Request['act'],
  time = 1,
  epoch = 0,
): Signed<Request> {
  const value: Request = {
    v: 1,
    from: by.id,
    to: chain,
    epoch,
    counter,
    issued: time,
    expires: time + 60_000,
    act,
  }
  return sign(requestDocument, value, by)
}

/** A job with as many units as its sweep has values. */
export function jobFact(
  publisher: Signer,
  nonce: number,
  unitCount: number,
  kind: 'wasm' | 'docker' = 'wasm',
  budgetMicro?: number,
): { fact: Fact & { type: 'job' }; id: JobId; job: Job } {
  const program = { command: [], env: {}, ignoreError: false }
  const job: Job = {
    v: 1,
    home: chain,
    publisher: publisher.id as PublisherId,
    nonce: new Uint8Array(16).fill(nonce),
    issued: 1,
    expires: 1_000_000_000,
    name: 'a job',
    tags: {},
    executors: [
      kind === 'wasm'
        ? { type: kind, module: cidOf('raw', new Uint8Array(32)), ...program }
        : { type: kind, image: `x@sha256:${'0'.repeat(64)}`, ...program },
    ],
    inputs: [],
    outputs: [{ kind: 'file', path: '/out/a' }],
    volumes: [],
    resources: {
      cores: 1,
      ramBytes: 1,
      diskBytes: 1,
      gpus: 0,
      gpuRamBytes: 0,
      fuel: 1,
      unitMs,
    },
    sweep: [{ type: 'range', name: 'i', from: 0, step: 1, count: unitCount, digits: 0 }],
    compare: [],
    priority: 5,
    ...(budgetMicro === undefined ? {} : { budgetMicro }),
  }
  const signed = sign(jobDocument, job, publisher)
  const price = kind === 'docker' ? { priceMicro: priced(job.resources, rates) } : {}
  return { fact: { type: 'job', job: signed, ...price }, id: jobId(signed), job }
}

/** What a unit gave: the same for the same flavour. */
export function outcomeOf(
  job: JobId,
  unit: number,
  fuel: number | undefined,
  flavour = 0,
): Outcome {
  const ended = { type: 'exit' as const, executor: 0, code: flavour }
  return { v: 1, job, unit, ended, ...(fuel === undefined ? {} : { fuel }), outputs: [] }
}

/** What a verdict says that accepts a unit. */
export function accepted(
  outcome: Outcome,
  agreeing: readonly number[],
  others: { readonly [K in 'referees' | 'struck' | 'banned']?: readonly number[] } = {},
) {
  const none = { referees: [], struck: [], banned: [] }
  return { type: 'accepted' as const, outcome, agreeing, ...none, ...others }
}

/** A node's receipt, and the fact that seals it. */
export function receiptOf(
  node: Signer,
  job: JobId,
  unit: number,
  slot: number,
  result: ResultId,
  fence = slot + 1,
  epoch = 0,
): { signed: Signed<Receipt>; fact: Fact & { type: 'receipt' } } {
  const execution = { job, unit, slot, epoch, fence }
  const receipt: Receipt = {
    v: 1,
    chain,
    ...execution,
    node: node.id as NodeId,
    result,
    salt: new Uint8Array(32).fill(slot),
    issued: 1,
  }
  const signed = sign(receiptDocument, receipt, node)
  return { signed, fact: { type: 'receipt', ...execution, sealed: receiptId(signed) } }
}

/** An owner's and a node's word for each other. */
export function delegationFact(owner: Signer, node: Signer, issued: number, expires: number): Fact {
  const delegation = {
    v: 1 as const,
    owner: owner.id as OwnerId,
    node: node.id as NodeId,
    issued,
    expires,
  }
  return { type: 'delegation', delegation: sign(delegationDocument, delegation, owner, node) }
}

/** The account of somebody as an owner. */
export function accountOf(id: PeerId): Account {
  return accounts.owner(id as string as OwnerId)
}

/** The facts by which a unit is run by these nodes, who all agree and are paid for its fuel. */
export function unitFacts(
  job: JobId,
  unit: number,
  nodes: readonly Signer[],
  fuel: number,
  from = accounts.mint,
) {
  const outcome = outcomeOf(job, unit, fuel)
  const receipts = nodes.map((node, slot) => receiptOf(node, job, unit, slot, resultId(outcome)))
  const verdict: Fact & { type: 'verdict' } = {
    type: 'verdict',
    job,
    unit,
    decided: accepted(
      outcome,
      nodes.map((_, slot) => slot),
    ),
    receipts: receipts.map((one) => one.signed),
  }
  const micro = earned(fuel, rates)
  const earnings = nodes.map((_, slot) => {
    const purpose: Purpose = { type: 'earn', job, unit, slot }
    const hold = accounts.hold(job, unit, slot)
    return {
      earn: transfer(purpose, from, hold, micro),
      settle: (to: Account) => settleOf(purpose, hold, to, micro),
    }
  })
  return {
    sealed: receipts.map((one) => one.fact),
    receipts,
    verdict,
    earnings,
    /** The verdict, with what it earns. */
    decided: [verdict, ...earnings.map((one) => one.earn)],
    micro,
  }
}

/** The end of what something put into an account. */
export function settleOf(purpose: Purpose, from: Account, to: Account, micro: number): Fact {
  return transfer({ type: 'settle', of: transferId(purpose) }, from, to, micro)
}

/** What an interval of the containers of the tests costs: 600 and 400 of a price of 1000. */
export function intervalMicro(interval: number): number {
  return metered(1000, unitMs, interval)
}
