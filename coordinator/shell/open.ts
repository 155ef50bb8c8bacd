import { join } from 'node:path'
import { type Changes, openFork } from '@nexapod/ledger'
import { openStore, type Store } from '@nexapod/ledger/store'
import { openStockedMesh, type StockedMesh, seedIn } from '@nexapod/mesh'
import {
  type Answer,
  accept,
  type ChainId,
  type Change,
  type Code,
  type CoordinatorId,
  ed25519,
  type Invitation,
  limits,
  type MeshId,
  meshDocument,
  meshId,
  open,
  type Signer,
} from '@nexapod/specs'
import type { Probes, Rules } from '../core/setting.ts'
import { Coordinator } from './coordinator.ts'
import { adopted, arrange, homesIn, ledgersIn, meshBefore } from './ends/adoption.ts'
import { copiesIn, leave, leaveHome, recalled } from './ends/leaving.ts'
import { Memory } from './ends/memory.ts'
import { mend } from './ends/mending.ts'
import { type Genesis, genesisBy, genesisIn, newGenesis, type Source } from './founding.ts'
import type { HomeChain } from './home/home-ground.ts'
import { begunFrom } from './home/recovery.ts'
import type { Log } from './log.ts'
import { Forks } from './others/forks.ts'
import { lineOn } from './others/governed.ts'
import { joinedLine } from './others/joining.ts'
import { learnerThreads } from './others/learner-threads.ts'
import { machineTime as time } from './time.ts'

/** What a coordinator is opened with. */
export interface CoordinatorConfig {
  /** Where its key, its ledger and its copies of others are. */
  readonly directory: string
  /**
   * The mesh that it is of, where nothing is on its disk yet: founded by its members, or by this
   * one alone, or there already: then it joins as soon as a roster names it.
   */
  readonly mesh: Source
  readonly listen: readonly string[]
  /** What others are told to dial, where that is not what it listens on. */
  readonly announce?: readonly string[]
  readonly rules: Rules
  readonly probes?: Probes
  readonly log: Log
}

/** Opens a coordinator: its key, its ledger, its mesh. It serves when this resolves. */
export async function openCoordinator(
  config: CoordinatorConfig,
  signal = new AbortController().signal,
  left?: Changes,
): Promise<Answer<Coordinator>> {
  const { directory, rules, probes, log } = config
  const seed = await seedIn(join(directory, 'key'))
  if (!seed.ok) return seed
  const signer = ed25519.signer(seed.value)
  await using release = new AsyncDisposableStack()
  const own = signer.id as CoordinatorId
  const remembered = await Memory.open(ledgersIn(directory).memory)
  if (!remembered.ok) return remembered
  const memory = release.use(remembered.value)
  const opened = await ownStore(config, { seed: seed.value, own, memory }, signal)
  if (!opened.ok) return opened
  const store = release.use(opened.value)
  const place = { config, store, memory, seed: seed.value, signer, release, left }
  const found = await beginning(place, signal)
  if (!found.ok) return found
  const { genesis, isNew, joined, changes } = found.value
  const beside = { ...{ signer, open, rules, time, log }, ...(probes && { probes }) }
  const begun = await begunFrom(store, {
    ...beside,
    first: isNew ? genesis : undefined,
    ...(changes === undefined ? {} : { changes }),
  })
  if (!begun.ok) return begun
  const { ledger } = begun.value.state
  const line = joined ? accept(joined.line) : await lineOn(genesis.mesh, store, ledger)
  if (!line.ok) return line
  const behind = await store.gate.behind()
  if (!behind.ok) return behind
  const { members, quorum } = line.value.governance
  if (behind.value !== undefined && quorum > 1) {
    await leave(directory, store, log)
    await release.disposeAsync()
    return await openCoordinator(config, signal, line.value)
  }
  const mesh = joined?.mesh ?? (await meshOf(place, meshId(genesis.mesh), members))
  const apart = await mesh.openApart({
    directory: join(directory, 'compared'),
    bytesMax: limits.comparedBytesMax,
  })
  const founded = open(meshDocument, genesis.mesh)
  if (!founded.ok) return founded
  const forks = await Forks.open(join(directory, 'forks'), log)
  const governed = { founded: founded.value, line: line.value }
  const openHome = (chain: ChainId) => adopted({ directory, memory, beside }, chain)
  const adopting: HomeChain[] = []
  for (const chain of await homesIn(directory)) {
    const home = await openHome(chain)
    if (home.ok) adopting.push(home.value)
    else if (!lost.includes(home.refusal.code)) return home
    else await leaveHome(directory, chain, log)
  }
  const kept = { store, memory, forks, adopted: adopting, openHome }
  const threads = release.use(learnerThreads())
  const parts = { config, signer, ...kept, threads, mesh, apart, ...governed }
  const coordinator = new Coordinator({ ...parts, begun: begun.value, release: release.move() })
  await coordinator.begin()
  return accept(coordinator)
}

/** Of a home, what says that it has not what was promised there. */
const lost: readonly Code[] = ['ledger.damaged', 'ledger.behind']

interface Place {
  readonly config: CoordinatorConfig
  readonly store: Store
  readonly memory: Memory
  readonly seed: Uint8Array
  readonly signer: Signer
  readonly release: AsyncDisposableStack
  /** The mesh of a chain that was left a moment ago. */
  readonly left: Changes | undefined
}

interface Owner {
  readonly seed: Uint8Array
  readonly own: CoordinatorId
  readonly memory: Memory
}

/** The store of the own chain. What of it is damaged is mended with what others have. */
async function ownStore(
  { directory, mesh: source, listen, log }: CoordinatorConfig,
  { seed, own, memory }: Owner,
  signal: AbortSignal,
): Promise<Answer<Store>> {
  const opening = async () => {
    const arranged = await arrange(directory, { memory, own, log })
    return arranged.ok ? await openStore({ directory: ledgersIn(directory).own }) : arranged
  }
  const opened = await opening()
  if (opened.ok || opened.refusal.code !== 'ledger.damaged') return opened
  const damaged = { directory, source, own, seed, listen, time, log }
  const mended = await mend(damaged, opened.refusal, signal)
  return mended.ok ? await opening() : mended
}

/** What the chain begins with; who comes into a mesh has it then, and the line that names it. */
interface Beginning {
  readonly genesis: Genesis
  readonly isNew: boolean
  readonly joined?: { readonly mesh: StockedMesh; readonly line: Changes }
  /** What stands behind the genesis from the beginning. */
  readonly changes?: readonly Change[]
}

async function beginning(place: Place, signal: AbortSignal): Promise<Answer<Beginning>> {
  const { config, store, memory, signer } = place
  const { log, directory } = config
  const own = signer.id as CoordinatorId
  const known = await genesisIn(store)
  if (!known.ok) return known
  if (known.value !== undefined) return accept({ genesis: known.value, isNew: false })
  const { copies } = ledgersIn(config.directory)
  const left = new Set([...(await copiesIn(copies)), ...(await homesIn(config.directory))])
  const begins = async (mesh: StockedMesh, line: Changes): Promise<Answer<Beginning>> => {
    const known = await recalled({ directory, own, line, mesh, time, log }, left, signal)
    const genesis = genesisBy(own, line.founding, known)
    return accept({ genesis, isNew: true, joined: { mesh, line }, changes: line.after(0) })
  }
  if (place.left !== undefined) {
    const { founding, governance } = place.left
    return await begins(await meshOf(place, meshId(founding), governance.members), place.left)
  }
  const before = await meshBefore(directory, { memory, own })
  if (!before.ok) return before
  const source = before.value ?? config.mesh
  if (!('members' in source)) {
    const genesis = newGenesis(signer, source, left, time.wall())
    return genesis.ok ? accept({ genesis: genesis.value, isNew: true }) : genesis
  }
  const mesh = await meshOf(place, source.mesh, source.members)
  const line = await joinedLine({ invitation: source, own, mesh, time, log }, signal)
  if (!line.ok) return line
  mesh.follow(line.value.governance.members)
  return await begins(mesh, line.value)
}

async function meshOf(
  { config, seed, release }: Place,
  mesh: MeshId,
  roster: Invitation['members'],
): Promise<StockedMesh> {
  const { directory, listen, announce, log } = config
  log.info({ mesh, members: roster.length }, 'opening the mesh')
  return release.use(
    await openStockedMesh({
      // Of what waits for a verdict nothing is shown here.
      data: {
        directory: join(directory, 'data'),
        bytesMax: limits.coordinatorDataBytesMax,
        mayServe: (_, { sealed }) => !sealed,
      },
      ...{ mesh, seed, listen, known: [], roster, openFork },
      now: time.wall,
      ...(announce === undefined ? {} : { announce }),
    }),
  )
}
