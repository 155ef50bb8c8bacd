import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ledger, openFork, type Taken } from '@nexapod/ledger'
import { openStockedMesh, type StockedMesh } from '@nexapod/mesh'
import {
  type Answer,
  type AnswerMessage,
  accept,
  type ChainId,
  type Change,
  type Cid,
  type CoordinatorId,
  type Entry,
  ed25519,
  type Invitation,
  type Job,
  type JobId,
  limits,
  type MeshId,
  type NodeId,
  type PublisherId,
  parseInvitation,
  refuse,
  type Signed,
  type Signer,
} from '@nexapod/specs'
import { Callers, type Home } from './callers.ts'
import { coordinatorCalled } from './choice.ts'
import { amend, type Governed, governed } from './governing.ts'
import { type Leg, type Moved, type Moving, move } from './moving.ts'
import { cancelJob, releaseNode } from './orders.ts'
import { farOf, type Progress, progressOf } from './progress.ts'
import { type Prepared, type Published, type Publishing, prepare, publish } from './publishing.ts'
import { type Kept, keepResults } from './results.ts'
import { type Looked, look, type Stand, stands } from './stands.ts'
import { type Read, readChain, type Verified, verify } from './verified.ts'

/** How long a job is looked for: a chain changes hands in less. */
const patienceMs = 90_000

/** What a connection is opened with. */
export interface ConnectConfig {
  /** The mesh, as nexapod://mesh/... */
  readonly invitation: string
  /** The secret seed of the publisher: 32 bytes. */
  readonly key: Uint8Array
}

/** Connects to a mesh. Nobody is dialled before something is asked. */
export async function connect({ invitation, key }: ConnectConfig): Promise<Answer<Connection>> {
  const invited = parseInvitation(invitation)
  if (!invited.ok) return invited
  const { mesh: id, members } = invited.value
  const coordinates = new Set<string>(members.map(({ coordinator }) => coordinator))
  await using release = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'nexapod-data-'))
  release.defer(() => rm(directory, { recursive: true, force: true }))
  const mesh = release.use(
    await openStockedMesh({
      ...{ mesh: id, seed: key, listen: [], known: [], roster: members, openFork, now: Date.now },
      data: {
        directory,
        bytesMax: limits.connectionBytesMax,
        // What is published goes to coordinators, who give it to nodes.
        mayServe: (_, { peer }) => peer !== undefined && coordinates.has(peer),
      },
    }),
  )
  const renew = async (signal: AbortSignal) => (await governed(parts, signal)).ok
  const callers: Callers = release.use(new Callers(mesh, members, renew))
  const signer = ed25519.signer(key)
  const parts = { mesh, callers, signer, invitation: invited.value }
  return accept(new Connection({ ...parts, release: release.move() }))
}

/** What data is called by. */
export interface Named {
  readonly cid: Cid
  readonly bytes: number
}

/** Why a job waits, or a unit of it: a code, words, and what is against the nodes there are. */
export type Why = Omit<Extract<AnswerMessage, { readonly type: 'why' }>, 'type'>

/** Sees an entry of a chain that is read, with the ledger that has learnt it. */
export type Seen = (entry: Entry, ledger: Ledger) => void

interface Parts {
  readonly invitation: Invitation
  readonly mesh: StockedMesh
  readonly callers: Callers
  readonly signer: Signer
  readonly release: AsyncDisposableStack
}

/** A publisher's way into a mesh. */
export class Connection implements AsyncDisposable {
  readonly publisher: PublisherId
  readonly mesh: MeshId
  readonly #parts: Parts
  /** What was published here, to be said again if it should be lost with its home. */
  readonly #published = new Map<JobId, Signed<Job>>()

  constructor(parts: Parts) {
    this.#parts = parts
    this.publisher = parts.signer.id as PublisherId
    this.mesh = parts.mesh.id
  }

  /** Publishes a job: when this resolves, its home has all that it needs, and you may go. */
  async publish(
    what: Publishing,
    signal: AbortSignal,
    coordinator?: CoordinatorId,
  ): Promise<Answer<Published>> {
    const { mesh, callers, signer } = this.#parts
    const wanted = { signal, ...(coordinator === undefined ? {} : { coordinator }) }
    const published = await publish(what, { data: mesh.data, callers, signer }, wanted)
    if (published.ok) this.#published.set(published.value.id, published.value.signed)
    return published
  }

  /** All of that but the last step: the job is signed, and nobody is sent it. */
  async prepare(
    what: Publishing,
    signal: AbortSignal,
    coordinator?: CoordinatorId,
  ): Promise<Answer<Prepared>> {
    const { mesh, callers, signer } = this.#parts
    const wanted = { signal, ...(coordinator === undefined ? {} : { coordinator }) }
    return await prepare(what, { data: mesh.data, callers, signer }, wanted)
  }

  /** The coordinator that is meant by its key, or by enough letters of it. */
  coordinatorCalled(text: string): CoordinatorId | undefined {
    return coordinatorCalled(text, this.#parts.callers.keys)
  }

  /** The home of a job is known: then it is found also while nobody writes its chain. */
  learn(job: JobId, home: ChainId): void {
    this.#parts.callers.learn(job, home)
  }

  /** How far a job is, each time that it is further, until it has ended. */
  follow(job: JobId, signal: AbortSignal): AsyncGenerator<Answer<Progress>> {
    const lost = (home: Home) => this.#sayAgain(job, home, signal)
    return progressOf(this.#parts.callers, job, { signal, patienceMs, lost })
  }

  /** How far a job is now. */
  async far(job: JobId, signal: AbortSignal): Promise<Answer<Progress>> {
    return (await farOf(this.#parts.callers, job, undefined, signal)).said
  }

  /** Why nothing of a job is leased at the moment, or of a unit of it; its home says so. */
  async why(job: JobId, unit: number | undefined, signal: AbortSignal): Promise<Answer<Why>> {
    const { callers } = this.#parts
    const home = await callers.homeOf(job, signal)
    if (!home.ok) return home
    const asked = { type: 'why' as const, job, ...(unit === undefined ? {} : { unit }) }
    const said = await callers.askSoon(home.value.coordinator, asked, signal)
    if (!said.ok) return said
    const { type: _, ...why } = said.value
    return accept(why)
  }

  /** What the chain says of a job that has ended, all of it checked here. */
  async verify(job: JobId, signal: AbortSignal): Promise<Answer<Verified>> {
    return await verify(job, this.#parts, signal)
  }

  /** Writes what a job gave below a directory, verified. */
  async results(
    job: JobId,
    directory: string,
    signal: AbortSignal,
  ): Promise<Answer<Kept & { readonly verified: Verified }>> {
    const { mesh, callers } = this.#parts
    const verified = await this.verify(job, signal)
    if (!verified.ok) return verified
    const ground = { data: mesh.data, callers }
    const kept = await keepResults(verified.value, directory, ground, signal)
    return kept.ok ? accept({ ...kept.value, verified: verified.value }) : kept
  }

  /** Ends a job of this publisher; what was decided stays. */
  async cancel(job: JobId, signal: AbortSignal): Promise<Answer<unknown>> {
    return await cancelJob(job, this.#parts, { signal, patienceMs })
  }

  /** Says a job of this connection once more to whoever writes its chain: it is the same job. */
  async #sayAgain(job: JobId, { coordinator }: Home, signal: AbortSignal): Promise<void> {
    const signed = this.#published.get(job)
    if (signed === undefined) return
    await this.#parts.callers.askSoon(coordinator, { type: 'publish', job: signed }, signal)
  }

  /** Ends that a node is this publisher's: from now on it is its own. */
  async release(node: NodeId, signal: AbortSignal): Promise<Answer<unknown>> {
    return await releaseNode(node, this.#parts, signal)
  }

  /** What a file or directory on this disk is called by, and how many bytes it has. */
  async name(path: string, signal: AbortSignal): Promise<Answer<Named>> {
    const bounds = { bytesMax: limits.connectionBytesMax, pin: path, sealed: false, signal }
    const built = await this.#parts.mesh.data.importPath(path, bounds)
    return built.ok ? accept({ cid: built.value.cid, bytes: built.value.bytes }) : built
  }

  /** Fetches a file or directory to a path where nothing is; tells how many bytes. */
  async get(root: Cid, to: string, signal: AbortSignal): Promise<Answer<number>> {
    const { mesh, callers } = this.#parts
    for (const key of callers.keys) await callers.reach(key, signal)
    const bytesMax = limits.connectionBytesMax
    const wanted = { root, bytesMax, peers: [...callers.keys], gateways: [], signal }
    const fetched = await mesh.data.fetch(wanted)
    if (!fetched.ok) return fetched
    const written = await mesh.data.exportTo(to, root, { bytesMax, signal })
    return written.ok ? accept(fetched.value.bytes) : written
  }

  /** Who governs now, and what each coordinator says of that: they are asked from then on. */
  async governs(signal: AbortSignal): Promise<Answer<Governed>> {
    return await governed(this.#parts, signal)
  }

  /** Brings a change of the roster or the rates to all coordinators. */
  async amend(change: Change, signal: AbortSignal): ReturnType<typeof amend> {
    return await amend(change, this.#parts.callers, signal)
  }

  /** The chains that are written by those who are there. */
  async chains(signal: AbortSignal): Promise<Answer<readonly ChainId[]>> {
    const homes = await this.#parts.callers.homes(signal)
    return homes.ok ? accept(homes.value.map(({ beacon }) => beacon.chain)) : homes
  }

  /** Moves credit to another chain, once: who begins again with the same nonce goes on. */
  async move(
    moving: Moving,
    tell: (leg: Leg) => void,
    signal: AbortSignal,
  ): Promise<Answer<Moved>> {
    const { callers, signer } = this.#parts
    return await move(moving, { callers, signer, tell }, signal)
  }

  /** Asks each coordinator for a sign of life, of each chain that it writes. */
  async look(signal: AbortSignal): Promise<readonly Looked[]> {
    return await look(this.#parts.callers, signal)
  }

  /** The last checkpoint of each chain that somebody writes who is there, and who has signed it. */
  async stands(signal: AbortSignal): Promise<readonly (Looked & { readonly stand?: Stand })[]> {
    return await stands(this.#parts.callers, signal)
  }

  /**
   * The chain of the first coordinator that is there, read and checked to its last checkpoint; each
   * entry is seen once, with the ledger that has learnt it.
   */
  async read(signal: AbortSignal, seen: Seen = () => {}): Promise<Answer<Read>> {
    const homes = await this.#parts.callers.homes(signal)
    const [first] = homes.ok ? homes.value : []
    if (!homes.ok || first === undefined) return homes.ok ? refuse('wire.unreachable') : homes
    return await this.#readOf(first, signal, seen)
  }

  /** All chains that somebody writes who is there, each read and checked like that. */
  async readAll(signal: AbortSignal, seen: Seen = () => {}): Promise<Answer<readonly Read[]>> {
    // There may be members of whom the invitation did not know. If nobody says so, these are asked.
    await governed(this.#parts, signal)
    const homes = await this.#parts.callers.homes(signal)
    if (!homes.ok) return homes
    const reads: Read[] = []
    for (const home of homes.value) {
      const read = await this.#readOf(home, signal, seen)
      if (!read.ok) return read
      reads.push(read.value)
    }
    return accept(reads)
  }

  async #readOf(home: Home, signal: AbortSignal, seen: Seen): Promise<Answer<Read>> {
    const { mesh, callers } = this.#parts
    const { size } = home.beacon
    const reading = {
      ...{ mesh, callers, home },
      seen: ({ entry }: Taken, ledger: Ledger) => seen(entry, ledger),
      enough: (checkpoint: { readonly size: number }) => checkpoint.size >= size,
    }
    return await readChain(reading, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.release[Symbol.asyncDispose]()
  }
}
