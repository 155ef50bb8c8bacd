import { join } from 'node:path'
import { openFork } from '@nexapod/ledger'
import { openStore } from '@nexapod/ledger/store'
import { openStockedMesh, type StockedMesh, seedIn } from '@nexapod/mesh'
import {
  type Answer,
  accept,
  ed25519,
  limits,
  type Mesh as MeshDocument,
  meshDocument,
  meshId,
  open,
  type Signed,
} from '@nexapod/specs'
import type { Begun } from '../core/begin.ts'
import type { Probes, Rules } from '../core/setting.ts'
import { Coordinator } from './coordinator.ts'
import { type Founding, type Genesis, genesisOf } from './founding.ts'
import type { Log } from './log.ts'
import { begunFrom } from './recovery.ts'
import { machineTime as time } from './time.ts'

/** What a coordinator is opened with. */
export interface CoordinatorConfig {
  /** Where its key, its ledger and its copies of others are. */
  readonly directory: string
  /** The mesh that it is of: founded by its members, or by this one alone where nothing is yet. */
  readonly mesh: Signed<MeshDocument> | Founding
  readonly listen: readonly string[]
  /** What others are told to dial, where that is not what it listens on. */
  readonly announce?: readonly string[]
  readonly rules: Rules
  readonly probes?: Probes
  readonly log: Log
}

/** Opens a coordinator: its key, its ledger, its mesh. It serves when this resolves. */
export async function openCoordinator(config: CoordinatorConfig): Promise<Answer<Coordinator>> {
  const { directory, rules, probes, log } = config
  const seed = await seedIn(join(directory, 'key'))
  if (!seed.ok) return seed
  const signer = ed25519.signer(seed.value)
  await using release = new AsyncDisposableStack()
  const opened = await openStore({ directory: join(directory, 'ledger') })
  if (!opened.ok) return opened
  const store = release.use(opened.value)
  const found = await genesisOf(store, signer, config.mesh, time.wall())
  if (!found.ok) return found
  const { genesis, isNew } = found.value
  const first = isNew ? genesis : undefined
  const begun = await begunFrom(store, {
    ...{ signer, open, rules, first, time, log },
    ...(probes === undefined ? {} : { probes }),
  })
  if (!begun.ok) return begun
  const mesh = release.use(await meshOf(config, seed.value, genesis, begun.value))
  const apart = await mesh.openApart({
    directory: join(directory, 'compared'),
    bytesMax: limits.comparedBytesMax,
  })
  const founded = open(meshDocument, genesis.mesh)
  if (!founded.ok) return founded
  const parts = { config, signer, store, mesh, apart, founded: founded.value }
  const coordinator = new Coordinator({ ...parts, begun: begun.value, release: release.move() })
  await coordinator.begin()
  return accept(coordinator)
}

function meshOf(
  { directory, listen, announce, log }: CoordinatorConfig,
  seed: Uint8Array,
  genesis: Genesis,
  { state }: Begun,
): Promise<StockedMesh> {
  const { tip } = state.ledger.chain
  const roster = tip?.governance.members ?? []
  log.info({ mesh: meshId(genesis.mesh), members: roster.length }, 'opening the mesh')
  return openStockedMesh({
    // Of what waits for a verdict nothing is shown here.
    data: {
      directory: join(directory, 'data'),
      bytesMax: limits.coordinatorDataBytesMax,
      mayServe: (_, { sealed }) => !sealed,
    },
    ...{ mesh: meshId(genesis.mesh), seed, listen, known: [], roster, openFork },
    now: time.wall,
    ...(announce === undefined ? {} : { announce }),
  })
}
