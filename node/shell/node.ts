import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { type Changes, openFork } from '@nexapod/ledger'
import { openStockedMesh, type StockedMesh, seedIn } from '@nexapod/mesh'
import {
  type Answer,
  accept,
  limits as bounds,
  type Cid,
  type CoordinatorId,
  dialled,
  ed25519,
  type Invitation,
  leastQuorum,
  type NodeId,
  type Refusal,
} from '@nexapod/specs'
import type { News } from '../core/effect.ts'
import type { Order } from '../core/event.ts'
import type { Observations } from '../core/limits/observations.ts'
import type { State } from '../core/state.ts'
import type { Capability, OnLog } from '../executors/executor.ts'
import { machineOf } from '../executors/machine.ts'
import { claimIn } from './claim.ts'
import { openFronts } from './front.ts'
import { Governing } from './governing.ts'
import { Inputs } from './inputs.ts'
import { type Damage, Journal } from './journal.ts'
import type { LimitsFound } from './limits-file.ts'
import { lockDirectory } from './lock.ts'
import { capabilities, type OpenExecutors, usualExecutors } from './machinery.ts'
import { Members } from './members.ts'
import { machineNature as nature } from './nature.ts'
import { MeshRoad } from './road.ts'
import { keepLine, lineIn } from './roster-file.ts'
import { type Found, type SenseName, Senses } from './senses/senses.ts'
import { Watch } from './senses/watch.ts'
import { Shell } from './shell.ts'
import { count, nothingDone, statusOf } from './status.ts'
import { Transfers } from './transfers.ts'
import { openWorkshop, sweep } from './workshop.ts'

/** What a node is opened with. */
export interface NodeConfig {
  /** Where its key, its journal and its data are. */
  readonly directory: string
  /** The mesh that it joins, and where its coordinators are. */
  readonly invitation: Invitation
  /** What its owner lends, and where that was said. */
  readonly limits: LimitsFound
  /** Where coordinators give public data over HTTP. */
  readonly gateways?: readonly string[]
  /** The port of a page for its owner on this machine, 0 for any; left out, there is none. */
  readonly page?: number
  /** What runs units, on so many cores; the executors of this machine, if it is left out. */
  readonly openExecutors?: OpenExecutors
  /** Tells the owner. */
  tell(news: News | Told): void
  /** Takes what programs write to streams that are no output. */
  readonly onLog?: (key: string, ...log: Parameters<OnLog>) => void
}

/** What the core knows nothing of and the owner may want to know. */
export type Told =
  /** The first: who it is. Nobody hears of it yet. */
  | { readonly type: 'opening'; readonly node: NodeId }
  | { readonly type: 'damagedFile'; readonly damage: Damage }
  | { readonly type: 'measured'; readonly executors: readonly Capability[] }
  /** Its owner cannot ask it: it lends all the same. */
  | { readonly type: 'doorless'; readonly refusal: Refusal }
  /** Its page is there; the key to it is in its status. */
  | { readonly type: 'page'; readonly address: string }
  /** A container was made otherwise than it was to be, and not started. */
  | { readonly type: 'unfit'; readonly faults: readonly string[] }
  /** What was transferred before today's start cannot be read: it is counted anew. */
  | { readonly type: 'uncounted'; readonly refusal: Refusal }
  /** What a sense would tell is unknown from now on, and counts as the case that lends less. */
  | { readonly type: 'senseLost'; readonly sense: SenseName }

/** Opens a node: its key, its disk, its mesh, its executors. From now on it lends itself. */
export async function openNode(config: NodeConfig): Promise<Answer<Node>> {
  const { directory, tell } = config
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await using release = new AsyncDisposableStack()
  const lock = lockDirectory(directory)
  if (!lock.ok) return lock
  release.use(lock.value)
  const seed = await seedIn(join(directory, 'key'))
  if (!seed.ok) return seed
  const claim = await claimIn(directory)
  if (!claim.ok) return claim
  const signer = ed25519.signer(seed.value)
  const id = signer.id as NodeId
  tell({ type: 'opening', node: id })
  const { journal, rows, damages } = await Journal.open(directory)
  release.use(journal)
  for (const damage of damages) tell({ type: 'damagedFile', damage })
  const senses = release.use(new Senses(directory, (sense) => tell({ type: 'senseLost', sense })))
  const line = await lineIn(directory, config.invitation)
  const known = line?.governance
  const invited = config.invitation.members
  const members = new Members(dialled(known?.members ?? invited, config.invitation))
  const transfers = await Transfers.open(directory, (refusal) =>
    tell({ type: 'uncounted', refusal }),
  )
  release.use(transfers)
  const [{ mesh, inputs, executors, machine }, found] = await Promise.all([
    openParts(config, { seed: seed.value, id, members }, release),
    senses.look(config.limits.limits),
  ])
  const observed = (found: Found): Observations => {
    const { downBytes, upBytes } = transfers.count.day
    return { ...found, transferred: { downBytes, upBytes }, has: [] }
  }
  const setting = {
    signer,
    ...{ mesh: config.invitation.mesh, machine, observations: observed(found) },
    roster: { members: members.list, quorum: known?.quorum ?? leastQuorum(invited.length) },
    limits: config.limits.limits,
    ...(claim.value === undefined ? {} : { delegation: claim.value }),
  }
  const onLog = config.onLog ?? (() => {})
  const workshop = openWorkshop({ data: mesh.data, executors, inputs, onLog })
  const done = nothingDone()
  const told = (news: News) => {
    count(done, news)
    tell(news)
  }
  const road = release.use(new MeshRoad(mesh, members))
  const ground = { nature, rows: journal, road, workshop, tell: told }
  const shell = release.use(new Shell(ground, setting, rows))
  const { held, kept } = shell.state
  await sweep(mesh.data, (key) => held.has(key) || kept.has(key) || inputs.names(key))
  const begun = { since: nature.time(), done, transfers }
  const fronts = await openFronts(config, release, {
    shell,
    opened: config.limits,
    status: (page) => statusOf(shell.state, { ...begun, page }, nature),
    boundDisk: (bytes) => mesh.data.store.bound(bytes),
  })
  if (!fronts.ok) return fronts
  const watch = new Watch(senses, found, {
    limits: () => shell.state.limits,
    found: (found) => {
      shell.happen({ type: 'observed', observations: observed(found) })
      shell.attend(transfers.keepSometimes())
    },
    attend: (looking) => shell.attend(looking),
  })
  release.use(watch)
  const asked = { members, ask: road.ask.bind(road) }
  const governing = release.use(new Governing(config.invitation, { asked, nature }, line))
  govern(governing, config, { members, mesh, shell })
  const page = fronts.value
  return accept(new Node({ mesh, road, shell, page, release: release.move() }))
}

/** Begins to look who coordinates, and tells all who have to know. */
function govern(
  governing: Governing,
  { directory, invitation }: NodeConfig,
  { members, mesh, shell }: { members: Members; mesh: StockedMesh; shell: Shell },
): void {
  const follower = {
    changed(line: Changes) {
      const { quorum } = line.governance
      members.follow(dialled(line.governance.members, invitation))
      mesh.follow(members.list)
      shell.happen({ type: 'roster', roster: { members: members.list, quorum } })
      shell.attend(keepLine(directory, line))
    },
    attend: (work: Promise<void>) => shell.attend(work),
  }
  governing.begin(follower)
  members.stranger = () => governing.stranger(follower)
}

/**
 * The mesh, the executors, and how the machine is found. They are opened and measured at one time,
 * since each waits for something else: so a node lends itself a second earlier.
 */
async function openParts(
  config: NodeConfig,
  {
    seed,
    id,
    members,
  }: { readonly seed: Uint8Array; readonly id: NodeId; readonly members: Members },
  release: AsyncDisposableStack,
) {
  const { directory } = config
  const { idle } = config.limits.limits
  const opening = meshOf(config, seed, members)
  release.defer(async () => {
    const [opened] = await Promise.allSettled([opening])
    if (opened.status === 'fulfilled') await opened.value[Symbol.asyncDispose]()
  })
  const inputs = new Inputs(opening, {
    gateways: config.gateways ?? [],
    providers: async function* (root, key, signal) {
      yield* providersOf(await opening, members, root, key, signal)
    },
  })
  const onUnfit = (faults: readonly string[]) => config.tell({ type: 'unfit', faults })
  const usual = usualExecutors({ node: id, directory, limits: config.limits.limits, onUnfit })
  const { openExecutors = usual } = config
  // Its owner may lend more while it runs: what is lent at a moment is for the core to say.
  const executors = await openExecutors(Math.max(idle.cores, availableParallelism()), inputs)
  for (const executor of executors) release.use(executor)
  const measuring = capabilities(executors).then((capable) => {
    config.tell({ type: 'measured', executors: capable })
    return capable
  })
  const [mesh, capable, machine] = await Promise.all([opening, measuring, machineOf(id)])
  return { mesh, inputs, executors, machine: { ...machine, executors: capable } }
}

interface Parts {
  readonly mesh: StockedMesh
  readonly road: MeshRoad
  readonly shell: Shell
  readonly page: string | undefined
  readonly release: AsyncDisposableStack
}

/** A node that lends itself. */
export class Node implements AsyncDisposable {
  readonly id: NodeId
  /** Settles when it has finished as it was told to; fails if its disk did. */
  readonly finished: Promise<void>
  readonly #parts: Parts

  constructor(parts: Parts) {
    const { mesh, road, shell } = parts
    this.#parts = parts
    this.id = mesh.peer as NodeId
    this.finished = shell.finished
    mesh.on('beacon', ({ document, says }) => {
      road.heard(says)
      shell.happen({ type: 'beacon', beacon: document })
    })
  }

  /** What it knows, to be looked at. */
  get state(): State {
    return this.#parts.shell.state
  }

  /** Where its page is, with the key to it: for its owner alone. */
  get page(): string | undefined {
    return this.#parts.page
  }

  /** The owner says something. */
  order(order: Order): void {
    this.#parts.shell.happen({ type: 'order', order })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.release[Symbol.asyncDispose]()
  }
}

function meshOf(
  { directory, invitation, limits }: NodeConfig,
  seed: Uint8Array,
  members: Members,
): Promise<StockedMesh> {
  const { mesh } = invitation
  return openStockedMesh({
    ...{ mesh, seed, listen: [], known: [], roster: members.list, openFork },
    stranger: () => members.stranger(),
    now: () => nature.time(),
    data: {
      directory: join(directory, 'data'),
      bytesMax: limits.limits.diskBytes,
      // Before its verdict an output is shown to those who decide, and to nobody else.
      mayServe: (_, { peer, sealed }) => !sealed || (peer !== undefined && members.has(peer)),
    },
  })
}

/** First the coordinator of the lease and the rest of the roster, then whom the directory names. */
async function* providersOf(
  mesh: StockedMesh,
  members: Members,
  root: Cid,
  key: string,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  const first = key.slice(0, key.indexOf('/')) as CoordinatorId
  yield [first, ...members.keys.filter((one) => one !== first)]
  const named: string[] = []
  const soon = AbortSignal.any([signal, AbortSignal.timeout(bounds.findMs)])
  for await (const { peer } of mesh.find(root, soon)) named.push(peer)
  if (named.length > 0) yield named
}
