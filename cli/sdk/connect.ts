import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ledger, openFork, type Taken } from '@nexapod/ledger'
import { openStockedMesh, type StockedMesh } from '@nexapod/mesh'
import {
  type Answer,
  type AnswerMessage,
  accept,
  type Beacon,
  beaconDocument,
  type Change,
  type Checkpoint,
  type Cid,
  type CoordinatorId,
  checkpointDocument,
  checkpointId,
  cosignatureDocument,
  type Entry,
  ed25519,
  type Invitation,
  type JobId,
  limits,
  type MeshId,
  type NodeId,
  type OwnerId,
  open,
  type PublisherId,
  parseInvitation,
  type Request,
  type Revocation,
  requestDocument,
  revocationDocument,
  type Signer,
  sign,
} from '@nexapod/specs'
import { Callers } from './callers.ts'
import { amend, type Governed, governed } from './governing.ts'
import { type Progress, progressOf } from './progress.ts'
import { type Prepared, type Published, type Publishing, prepare, publish } from './publishing.ts'
import { type Kept, keepResults } from './results.ts'
import { type Read, readChain, type Verified, verify } from './verified.ts'

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
  const callers = release.use(new Callers(mesh, members))
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

/** What a coordinator said of itself, and when it was asked and had answered. */
export interface Looked {
  readonly coordinator: CoordinatorId
  readonly beacon: Answer<Beacon>
  readonly from: number
  readonly till: number
}

/** A checkpoint, and which coordinators have signed it. */
export interface Stand {
  readonly checkpoint: Checkpoint
  readonly signers: readonly CoordinatorId[]
}

function standOf(said: AnswerMessage & { readonly type: 'stand' }): Answer<Stand> {
  const checkpoint = open(checkpointDocument, said.checkpoint)
  if (!checkpoint.ok) return checkpoint
  const id = checkpointId(said.checkpoint)
  const witnesses = said.cosignatures.flatMap((one) => {
    const cosignature = open(cosignatureDocument, one)
    return cosignature.ok && cosignature.value.checkpoint === id ? [cosignature.value.witness] : []
  })
  const signers = [...new Set([checkpoint.value.coordinator, ...witnesses])]
  return accept({ checkpoint: checkpoint.value, signers })
}

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

  constructor(parts: Parts) {
    this.#parts = parts
    this.publisher = parts.signer.id as PublisherId
    this.mesh = parts.mesh.id
  }

  /** Publishes a job: when this resolves, its home has all that it needs, and you may go. */
  async publish(what: Publishing, signal: AbortSignal): Promise<Answer<Published>> {
    const { mesh, callers, signer } = this.#parts
    return await publish(what, { data: mesh.data, callers, signer }, signal)
  }

  /** All of that but the last step: the job is signed, and nobody is sent it. */
  async prepare(what: Publishing, signal: AbortSignal): Promise<Answer<Prepared>> {
    const { mesh, callers, signer } = this.#parts
    return await prepare(what, { data: mesh.data, callers, signer }, signal)
  }

  /** How far a job is, each time that it is further, until it has ended. */
  follow(job: JobId, signal: AbortSignal): AsyncGenerator<Answer<Progress>> {
    return progressOf(this.#parts.callers, job, signal)
  }

  /** Why nothing of a job is leased at the moment, or of a unit of it; its home says so. */
  async why(job: JobId, unit: number | undefined, signal: AbortSignal): Promise<Answer<Why>> {
    const { callers } = this.#parts
    const home = await callers.homeOf(job, signal)
    if (!home.ok) return home
    const asked = { type: 'why' as const, job, ...(unit === undefined ? {} : { unit }) }
    const said = await callers.ask(home.value.coordinator, asked, signal)
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
    const { callers, signer } = this.#parts
    const home = await callers.homeOf(job, signal)
    if (!home.ok) return home
    const { chain, epoch } = home.value.beacon
    const issued = Date.now()
    const request: Request = {
      ...{ v: 1, from: this.publisher, to: chain, epoch, issued },
      // Each counter is above the one before: the clock is, and nobody cancels twice in a moment.
      counter: issued,
      expires: issued + limits.requestMsMax,
      act: { type: 'cancel', job },
    }
    const signed = sign(requestDocument, request, signer)
    return await callers.ask(home.value.coordinator, { type: 'act', request: signed }, signal)
  }

  /** Ends that a node is this publisher's: from now on it is its own. */
  async release(node: NodeId, signal: AbortSignal): Promise<Answer<unknown>> {
    const { callers, signer } = this.#parts
    const home = await callers.home({ takesJobs: false }, signal)
    if (!home.ok) return home
    const owner = signer.id as OwnerId
    const revocation: Revocation = { v: 1, owner, node, by: 'owner', issued: Date.now() }
    const signed = sign(revocationDocument, revocation, signer)
    const question = { type: 'revoke', revocation: signed } as const
    return await callers.ask(home.value.coordinator, question, signal)
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

  /** Asks each coordinator of the invitation for a sign of life. */
  async look(signal: AbortSignal): Promise<readonly Looked[]> {
    const { callers } = this.#parts
    const looks = callers.keys.map(async (coordinator): Promise<Looked> => {
      const from = Date.now()
      const said = await callers.ask(coordinator, { type: 'beacon' }, signal)
      const till = Date.now()
      const beacon = said.ok ? open(beaconDocument, said.value.beacon) : said
      return { coordinator, beacon, from, till }
    })
    return await Promise.all(looks)
  }

  /** The last checkpoint of each coordinator that is there, and who has signed it. */
  async stands(signal: AbortSignal): Promise<readonly (Looked & { readonly stand?: Stand })[]> {
    const looks = await this.look(signal)
    const stands = looks.map(async (looked) => {
      if (!looked.beacon.ok) return looked
      const question = { type: 'stand', chain: looked.beacon.value.chain } as const
      const said = await this.#parts.callers.ask(looked.coordinator, question, signal)
      // One that is young has none yet.
      const stand = said.ok ? standOf(said.value) : said
      return stand.ok ? { ...looked, stand: stand.value } : looked
    })
    return await Promise.all(stands)
  }

  /**
   * The chain of the first coordinator that is there, read and checked to its last checkpoint; each
   * entry is seen once, with the ledger that has learnt it.
   */
  async read(
    signal: AbortSignal,
    seen: (entry: Entry, ledger: Ledger) => void = () => {},
  ): Promise<Answer<Read>> {
    const { mesh, callers } = this.#parts
    const home = await callers.home({ takesJobs: false }, signal)
    if (!home.ok) return home
    const { size } = home.value.beacon
    const reading = {
      ...{ mesh, callers, home: home.value },
      seen: ({ entry }: Taken, ledger: Ledger) => seen(entry, ledger),
      enough: (checkpoint: { readonly size: number }) => checkpoint.size >= size,
    }
    return await readChain(reading, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.release[Symbol.asyncDispose]()
  }
}
