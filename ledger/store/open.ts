import {
  type Answer,
  accept,
  type ChainId,
  decode,
  entrySchema,
  type MeshId,
  meshId,
  refuse,
} from '@nexapod/specs'
import { Anchor, anchored } from './anchor.ts'
import { Build } from './build.ts'
import { codesOf, Damage } from './damage.ts'
import { Disk } from './disk.ts'
import { type Examined, examine } from './examine.ts'
import {
  cannotWrite,
  found,
  isOfMachine,
  keepBeforeOpen,
  locked,
  markDamaged,
  placesOf,
  replaceNow,
} from './folder.ts'
import { lookInChild } from './in-child.ts'
import { unreadable } from './probed.ts'
import { Snapshots } from './snapshots.ts'
import { Store } from './store.ts'
import type { Look } from './task.ts'

/** Which store is to be opened. */
export interface StoreOptions {
  readonly directory: string
  /** The chain that it must be of, if it is not new. */
  readonly chain?: ChainId
  /** The mesh that it must be of, if it is not new. */
  readonly mesh?: MeshId
  /** Looks at it before it is opened: in a child, unless this process is one itself. */
  readonly look?: Look
}

/** Opens a store, or makes a new one where nothing is. What it refuses, it leaves as it was. */
export async function openStore(options: StoreOptions): Promise<Answer<Store>> {
  const { directory } = options
  const lock = await locked(directory)
  if (!lock.ok) return lock
  const release = new AsyncDisposableStack()
  release.use(lock.value)
  try {
    const opened = await openLocked(options, release)
    if (!opened.ok) await release.disposeAsync()
    return opened
  } catch (error) {
    await release.disposeAsync()
    if (error instanceof Damage) return error.refused()
    if (isOfMachine(error)) return cannotWrite(directory, error)
    throw error
  }
}

async function openLocked(
  { directory, chain, mesh, look = lookInChild }: StoreOptions,
  release: AsyncDisposableStack,
): Promise<Answer<Store>> {
  const there = await found(directory)
  if (!there.ok) return there
  if (there.value === 'nothing') {
    await (await Build.begin(directory))[Symbol.asyncDispose]()
    await replaceNow(directory)
  }
  const places = placesOf(directory)
  const looked = await look({ task: 'probe', directory, scratch: places.scratch })
  if (!looked.ok) return looked
  await keepBeforeOpen(directory)
  const before = await anchored(places.now)
  const disk = await opened(places.level)
  if (!disk.ok) return disk
  release.use(disk.value)
  const examined = await examine(disk.value, before, 1)
  const whose = await compared(disk.value, examined, { chain, mesh })
  if (!whose.ok) return whose
  const anchor = release.use(await Anchor.open(places.now))
  if (before.unread > 0 || before.tip.turn < examined.tip.turn) await anchor.keep(examined.tip)
  return accept(
    new Store({
      disk: disk.value,
      anchor,
      examined,
      snapshots: new Snapshots(places.snapshots),
      quarantine: (refusal) => markDamaged(directory, refusal),
      close: () => release.disposeAsync(),
    }),
  )
}

async function opened(location: string): Promise<Answer<Disk>> {
  try {
    return accept(await Disk.open(location))
  } catch (error) {
    if (!codesOf(error).includes('LEVEL_LOCKED')) return unreadable(error)
    return refuse('ledger.locked', { detail: location })
  }
}

async function compared(
  disk: Disk,
  { tip }: Examined,
  { chain, mesh }: { chain: ChainId | undefined; mesh: MeshId | undefined },
): Promise<Answer<undefined>> {
  if (tip.size === 0) return accept(undefined)
  if (chain !== undefined && tip.chain !== chain) {
    return refuse('ledger.other', { detail: `it is of the chain ${tip.chain}` })
  }
  if (mesh === undefined) return accept(undefined)
  const first = decode(entrySchema, await disk.entry(0))
  const genesis = first.ok ? first.value.facts[0] : undefined
  if (genesis?.type !== 'genesis') throw new Damage('entry 0', 'it is no genesis')
  const found = meshId(genesis.mesh)
  if (found === mesh) return accept(undefined)
  return refuse('ledger.other', { detail: `it is of the mesh ${found}` })
}
