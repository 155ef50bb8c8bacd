import { balanceOf, type Governance, type Ledger, type Reputation } from '@nexapod/ledger'
import type { Store } from '@nexapod/ledger/store'
import {
  type Account,
  type Answer,
  accept,
  type ChainId,
  decode,
  decodeBetween,
  type Entry,
  entrySchema,
  type Job,
  type JobId,
  type MeshId,
  type NodeId,
  type OwnerId,
  type PeerId,
  type Request,
  reopen,
  requestDocument,
} from '@nexapod/specs'
import { nameRow, rowSchema } from '../../core/row.ts'
import { type Stage, stageOf } from '../../core/stage.ts'
import type { State } from '../../core/state.ts'
import {
  type IdleNow,
  type JobWaits,
  type UnitWaits,
  whyIdleNow,
  whyJobWaits,
  whyUnitWaits,
} from '../../core/why.ts'
import { openUnits } from './beacon.ts'
import type { Feed } from './feed.ts'
import type { Sequence } from './sequence.ts'

/** How a coordinator does. */
export interface Status {
  readonly mesh: MeshId
  readonly chain: ChainId
  readonly epoch: number
  /** Entries on the disk, and those below the last checkpoint. */
  readonly size: number
  readonly checkpointed: number
  readonly nodes: number
  readonly jobs: number
  readonly leases: number
  readonly openUnits: number
  readonly draining: boolean
  /** Whether it was forked: then nothing more is signed or taken. */
  readonly frozen: boolean
}

/** A job, and how far it is. */
export interface JobView {
  readonly id: JobId
  /** What its publisher signed, as long as it has not ended. */
  readonly job: Job | undefined
  readonly units: number
  readonly undecided: number
  readonly accepted: number
  readonly dead: number
  readonly ended: 'final' | 'dead' | 'cancelled' | undefined
  readonly waits: JobWaits
}

/** A unit of which something is known. */
export interface UnitView {
  readonly unit: number
  readonly stage: 'open' | 'decided'
  readonly leased: number
  readonly ballots: number
}

/** A node that is here, or holds something. */
export interface NodeView {
  readonly id: NodeId
  readonly owner: OwnerId
  readonly platform: string
  readonly stage: Stage
  readonly leases: number
  readonly idle: IdleNow
  readonly reputation: { readonly [kind in 'wasm' | 'docker']: Reputation | undefined }
}

/** What a key says of itself, all of it as it likes. */
export type Said = Omit<Request['act'] & { readonly type: 'name' }, 'type'>

/** How the rows of those are called who said something of themselves. */
const said = nameRow('' as PeerId)

/** An entry, as it stands on the disk. */
export interface EntryView {
  readonly seq: number
  readonly bytes: Uint8Array
  readonly entry: Entry
}

/**
 * What is shown of a coordinator. What an answer says is on the disk by the time that it is given:
 * it is found first, and waits for all that was written until then.
 */
export class View {
  readonly #sequence: Sequence
  readonly #feed: Feed<Store>
  readonly #isFrozen: () => boolean

  constructor(sequence: Sequence, feed: Feed<Store>, isFrozen: () => boolean) {
    this.#sequence = sequence
    this.#feed = feed
    this.#isFrozen = isFrozen
  }

  status(): Promise<Answer<Status>> {
    return this.#shown((state) => {
      const { chain, epoch, draining, ledger, streams, jobs, leases } = state
      const tip = tipOf(ledger)
      return {
        ...{ mesh: tip.governance.mesh, chain, epoch, draining, size: tip.size },
        checkpointed: this.#feed.stood?.size ?? 0,
        nodes: streams.size,
        jobs: jobs.size,
        leases: leases.size,
        openUnits: openUnits(state),
        frozen: this.#isFrozen(),
      }
    })
  }

  /** Who is of the mesh, how many of them are a quorum, and what work earns. */
  governance(): Promise<Answer<Governance>> {
    return this.#shown(({ ledger }) => tipOf(ledger).governance)
  }

  /** Jobs that have not ended, in the order in which they came. */
  jobs(): Promise<Answer<JobView[]>> {
    return this.#shown((state) => [...state.jobs.keys()].flatMap((id) => jobOf(state, id) ?? []))
  }

  /** A job, ended or not. */
  job(id: JobId): Promise<Answer<JobView | undefined>> {
    return this.#shown((state) => jobOf(state, id))
  }

  /** A unit of a job, and why it waits at a time. */
  unit(id: JobId, number: number, time: number): Promise<Answer<UnitWaits | undefined>> {
    return this.#shown((state) => whyUnitWaits(state, id, number, time))
  }

  /** Units of a job, from a number on, of which something is known and which are not final. */
  units(id: JobId, from: number, count: number): Promise<Answer<UnitView[]>> {
    return this.#shown(({ jobs }) => {
      const book = jobs.get(id)
      const views: UnitView[] = []
      for (let unit = from; unit < Math.min(from + count, book?.count ?? 0); unit++) {
        const known = book?.units.get(unit)
        if (known === undefined) continue
        const { stage, leases, ballots } = known
        views.push({ unit, stage, leased: leases.size, ballots: ballots.length })
      }
      return views
    })
  }

  /** Nodes that are here, or hold something, in the order of their ids: so many after one. */
  nodes(after = '', count = Number.MAX_SAFE_INTEGER): Promise<Answer<NodeView[]>> {
    return this.#shown((state) => {
      const ids = [...state.nodes.keys()].filter((id) => id > after).sort()
      return ids.slice(0, count).flatMap((id) => nodeOf(state, id) ?? [])
    })
  }

  /** One of them. */
  node(id: NodeId): Promise<Answer<NodeView | undefined>> {
    return this.#shown((state) => nodeOf(state, id))
  }

  /** What is in an account, in micro-credits. */
  balance(account: Account): Promise<Answer<number>> {
    return this.#shown(({ ledger }) => balanceOf(ledger.state, account))
  }

  /** What a key says of itself; it stands beside the chain and can be taken away. */
  async said(of: PeerId): Promise<Answer<Said>> {
    const key = new TextEncoder().encode(nameRow(of))
    const bytes = await this.#feed.store.given(key)
    if (!bytes.ok || bytes.value === undefined) return bytes.ok ? accept({}) : bytes
    const row = decode(rowSchema, bytes.value)
    if (!row.ok || row.value.type !== 'name') throw new Error(`the name of ${of} is none`)
    const request = reopen(requestDocument, row.value.request)
    if (!request.ok || request.value.act.type !== 'name') throw new Error(`${of} asked for no name`)
    const { type: _, ...said } = request.value.act
    return accept(said)
  }

  /** Who has said something of itself, and who does from now on, once it is on the disk. */
  sayers(tell: (of: PeerId) => void): PeerId[] {
    this.#feed.onRows = (names) => {
      for (const name of names) if (name.startsWith(said)) tell(name.slice(said.length) as PeerId)
    }
    const keys = this.#feed.store.givenKeys(new TextEncoder().encode(said))
    return keys.map((key) => new TextDecoder().decode(key).slice(said.length) as PeerId)
  }

  /** One entry. */
  async entry(seq: number): Promise<Answer<EntryView>> {
    const bytes = await this.#feed.store.entry(seq)
    return bytes.ok ? accept(entryOf(seq, bytes.value)) : bytes
  }

  /** The entries from one on, as they come, until the signal; a refusal is the last answer. */
  async *entries(from: number, signal: AbortSignal): AsyncGenerator<Answer<EntryView[]>> {
    for await (const answer of this.#feed.entries(from, signal)) {
      if (!answer.ok) {
        yield answer
        return
      }
      yield accept(answer.value.map(({ seq, entry }) => entryOf(seq, entry)))
    }
  }

  async #shown<T>(look: (state: State) => T): Promise<Answer<T>> {
    const { state } = this.#sequence
    const value = look(state)
    const synced = await this.#sequence.synced()
    return synced.ok ? accept(value) : synced
  }
}

function tipOf({ chain: { tip } }: Ledger) {
  if (tip === undefined) throw new Error('a chain begins with its genesis')
  return tip
}

/** An entry, read from its bytes. */
export function entryOf(seq: number, bytes: Uint8Array): EntryView {
  // Its bytes were held against their hash when they were read.
  const entry = decodeBetween(entrySchema, bytes, 0, bytes.length)
  if (!entry.ok) throw new Error(`entry ${seq} was written and is none`)
  return { seq, bytes, entry: entry.value }
}

function jobOf(state: State, id: JobId): JobView | undefined {
  const row = state.ledger.state.jobs.get(id)
  if (row === undefined) return undefined
  const { units, undecided, accepted, ended } = row
  return {
    id,
    job: state.jobs.get(id)?.job,
    ...{ units, undecided, accepted },
    dead: units - undecided - accepted,
    ended: ended?.as,
    waits: whyJobWaits(state, id),
  }
}

function nodeOf(state: State, id: NodeId): NodeView | undefined {
  const node = state.nodes.get(id)
  if (node === undefined) return undefined
  const { owner, platform, leases } = node
  const { reputations } = state.ledger.state
  return {
    ...{ id, owner, platform },
    stage: stageOf(state, node),
    leases: leases.size,
    idle: whyIdleNow(state, id),
    reputation: {
      wasm: reputations.get(id, 'wasm'),
      docker: reputations.get(id, 'docker'),
    },
  }
}
