import { randomInt } from 'node:crypto'
import { Ledger, openCosigned, stateRoot } from '@nexapod/ledger'
import { follow, machineClock, type StockedMesh } from '@nexapod/mesh'
import {
  type Answer,
  accept,
  type ChainId,
  type Checkpoint,
  type Cosignature,
  type Entry,
  type Job,
  type JobId,
  jobDocument,
  jobId,
  type NodeId,
  type Outcome,
  open,
  type Refusal,
  receiptDocument,
  refuse,
  resultId,
  type Signed,
  type ToFollower,
} from '@nexapod/specs'
import type { Callers, Home } from './callers.ts'

/** A chain that was read to a checkpoint, every entry and signature of it looked at. */
export interface Read {
  readonly ledger: Ledger
  readonly chain: ChainId
  readonly checkpoint: Checkpoint
  readonly signed: Signed<Checkpoint>
  readonly cosignatures: readonly Signed<Cosignature>[]
}

/** A unit that was accepted: what it gave, in which entry that stands, and who gave it. */
export interface Settled {
  readonly unit: number
  readonly outcome: Outcome
  readonly entry: number
  readonly nodes: readonly NodeId[]
  /** Who gave something else. */
  readonly others: readonly NodeId[]
}

/** What the chain says of a job that has ended. */
export interface Verified {
  readonly id: JobId
  readonly job: Job
  readonly ended: 'final' | 'dead' | 'cancelled'
  readonly settled: readonly Settled[]
  readonly read: Read
}

interface Reading {
  readonly mesh: StockedMesh
  readonly callers: Callers
  readonly home: Home
  /** Sees each entry. */
  seen(entry: Entry): void
  /** Whether a checkpoint is far enough. */
  enough(checkpoint: Checkpoint): boolean
}

/**
 * Reads the chain of a coordinator from its beginning to a checkpoint, and believes nothing of it:
 * every entry is folded, every signature is looked at, and the checkpoint has to say what that
 * comes to, signed by a quorum of the roster of the mesh that was joined.
 */
export async function readChain(reading: Reading, signal: AbortSignal): Promise<Answer<Read>> {
  const { mesh, callers, home } = reading
  const { chain } = home.beacon
  const ledger = new Ledger()
  let found: Read | undefined
  const over = new AbortController()
  const take = async (messages: readonly ToFollower[]): Promise<Refusal | undefined> => {
    for (const message of messages) {
      if (found !== undefined) return undefined
      if (message.type === 'entry') {
        const taken = ledger.take(message.entry)
        if (!taken.ok) return taken.refusal
        const { governance } = ledger.chain.tip ?? {}
        if (governance?.mesh !== mesh.id) return refuse('wire.mesh').refusal
        reading.seen(taken.value.entry)
      } else if (message.type === 'checkpoint') {
        const { checkpoint: signed, cosignatures } = message
        const checked = checkedAt(ledger, signed, cosignatures)
        if (!checked.ok) return checked.refusal
        if (checked.value === undefined || !reading.enough(checked.value)) continue
        found = { ledger, chain, checkpoint: checked.value, signed, cosignatures }
        over.abort()
      }
    }
    return undefined
  }
  const dial = async (within: AbortSignal) => {
    const reached = await callers.reach(home.coordinator, within)
    return reached.ok ? await mesh.streams.open('follow', home.coordinator, within) : reached
  }
  const ground = { clock: machineClock, draw: () => randomInt(2 ** 32), dial, take }
  const refusal = await follow(chain, 0, ground, AbortSignal.any([signal, over.signal]))
  if (found !== undefined) return accept(found)
  signal.throwIfAborted()
  if (refusal === undefined) throw new Error('nobody ended it, and it is over')
  return { ok: false, refusal }
}

/** What a checkpoint says, if it is true of what was read; none if a quorum has yet to sign it. */
function checkedAt(
  ledger: Ledger,
  signed: Signed<Checkpoint>,
  cosignatures: readonly Signed<Cosignature>[],
): Answer<Checkpoint | undefined> {
  const checked = ledger.chain.check(signed)
  if (!checked.ok) return checked
  if (checked.value.state !== stateRoot(ledger.state)) {
    return refuse('chain.checkpoint', { detail: 'another state' })
  }
  const { tip } = ledger.chain
  if (tip === undefined) throw new Error('a checkpoint was checked against nothing')
  const cosigned = openCosigned(tip.governance, signed, cosignatures)
  return accept(cosigned.ok ? cosigned.value : undefined)
}

/** What the chain says of a job, once it has ended. */
export async function verify(
  id: JobId,
  { mesh, callers }: Pick<Reading, 'mesh' | 'callers'>,
  signal: AbortSignal,
): Promise<Answer<Verified>> {
  const home = await callers.homeOf(id, signal)
  if (!home.ok) return home
  const facts = new JobFacts(id)
  const reading = {
    ...{ mesh, callers, home: home.value },
    seen: (entry: Entry) => facts.seen(entry),
    enough: () => facts.ended !== undefined,
  }
  const said = await callers.ask(home.value.coordinator, { type: 'job', job: id }, signal)
  if (!said.ok) return said
  if (said.value.ended === undefined) {
    const { accepted, dead, units } = said.value
    return refuse('job.open', { detail: `${accepted + dead} of ${units} units are decided` })
  }
  const read = await readChain(reading, signal)
  if (!read.ok) return read
  const { job, ended } = facts
  if (job === undefined || ended === undefined) throw new Error('a job ends after it began')
  const settled = [...facts.settled.values()].sort((a, b) => a.unit - b.unit)
  return accept({ id, job, ended, settled, read: read.value })
}

/** What entries say of one job. */
class JobFacts {
  readonly settled = new Map<number, Settled>()
  job: Job | undefined
  ended: Verified['ended'] | undefined
  readonly #id: JobId
  /** Who voted what, of units that may be decided again. */
  readonly #votes = new Map<number, Map<number, { node: NodeId; result: string }>>()

  constructor(id: JobId) {
    this.#id = id
  }

  seen({ seq, facts }: Entry): void {
    for (const fact of facts) {
      if (fact.type === 'job' && jobId(fact.job) === this.#id) {
        const opened = open(jobDocument, fact.job)
        if (opened.ok) this.job = opened.value
      }
      if (!('job' in fact) || fact.job !== this.#id) continue
      if (fact.type === 'end') this.ended = fact.as
      else if (fact.type === 'reopen') this.settled.delete(fact.unit)
      else if (fact.type === 'verdict') this.#decided(seq, fact)
    }
  }

  #decided(seq: number, fact: Entry['facts'][number] & { readonly type: 'verdict' }): void {
    const { unit, decided, receipts } = fact
    const votes = this.#votes.get(unit) ?? new Map()
    this.#votes.set(unit, votes)
    for (const signed of receipts) {
      const receipt = open(receiptDocument, signed)
      if (receipt.ok) votes.set(receipt.value.slot, receipt.value)
    }
    if (decided.type !== 'accepted') return
    const { outcome, agreeing } = decided
    const result = resultId(outcome)
    const nodes = agreeing.flatMap((slot) => votes.get(slot)?.node ?? [])
    // Where outcomes are compared by more than their bytes, not all that agree gave this one.
    const isGiven = agreeing.some((slot) => votes.get(slot)?.result === result)
    const others = [...votes]
      .filter(([slot]) => !agreeing.includes(slot))
      .map(([, vote]) => vote.node)
    if (isGiven) this.settled.set(unit, { unit, outcome, entry: seq, nodes, others })
  }
}
