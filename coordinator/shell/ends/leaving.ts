import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Changes } from '@nexapod/ledger'
import type { Store } from '@nexapod/ledger/store'
import type { HostedMesh } from '@nexapod/mesh'
import { type ChainId, type CoordinatorId, chainId, limits } from '@nexapod/specs'
import { genesisBy } from '../founding.ts'
import type { Log } from '../log.ts'
import { Others } from '../others/others.ts'
import type { Time } from '../time.ts'
import { ledgersIn } from './adoption.ts'

/** Within what others say which chains they know: they may begin just now as well. */
const recallMs = 15_000

/**
 * Leaves a chain of which others have more than is here: whoever went on with it might sign what
 * contradicts them. It becomes the copy of a chain, that is followed like all; the others end its
 * epoch at what they have, and one of them goes on with it.
 */
export async function leave(directory: string, store: Store, log: Log): Promise<void> {
  const { chain, size } = store.tip
  const { own, copies } = ledgersIn(directory)
  const there = await copiesIn(copies)
  await store[Symbol.asyncDispose]()
  // Of one that has nothing it is not even said which chain it was.
  if (size === 0 || there.includes(chain)) return await putAside(directory, log)
  await rename(own, join(copies, chain))
  await forget(directory)
  log.error({ chain, size }, 'left')
}

/**
 * Leaves a chain of another that was gone on with here, and of which something is lost: it is
 * followed again, and as nobody writes it, the others end this epoch as well.
 */
export async function leaveHome(directory: string, chain: ChainId, log: Log): Promise<void> {
  const { homes, copies } = ledgersIn(directory)
  const to = join(copies, chain)
  await rm(to, { recursive: true, force: true })
  await mkdir(copies, { recursive: true })
  await rename(join(homes, chain, 'ledger'), to)
  await rm(join(homes, chain), { recursive: true })
  log.error({ chain }, 'left')
}

/** Puts the own ledger aside, where its operator can look at it: the last one, and none before. */
export async function putAside(directory: string, log: Log): Promise<void> {
  const { own } = ledgersIn(directory)
  const to = `${own}-left`
  await rm(to, { recursive: true, force: true })
  await rename(own, to)
  await forget(directory)
  log.error({ to }, 'put aside')
}

/** What was noted beside the own chain was of that. */
async function forget(directory: string): Promise<void> {
  await rm(join(directory, 'kept'), { recursive: true, force: true })
}

/** Who begins another chain, and whom it can ask. */
export interface Recalling {
  readonly directory: string
  readonly own: CoordinatorId
  readonly line: Pick<Changes, 'founding' | 'governance'>
  readonly mesh: Pick<HostedMesh, 'dial' | 'streams'>
  readonly time: Time
  readonly log: Log
}

/**
 * The chains of this coordinator that are left, with those of which only the others know: they are
 * followed from now on. Who has lost its disk would found one after the other of them anew, and
 * hear of each that it has ended.
 */
export async function recalled(
  { directory, own, line, mesh, time, log }: Recalling,
  left: ReadonlySet<ChainId>,
  signal: AbortSignal,
): Promise<ReadonlySet<ChainId>> {
  await using others = new Others(mesh, line.governance, own, { time, log })
  const until = AbortSignal.any([signal, AbortSignal.timeout(recallMs)])
  const all = new Set(left)
  for (;;) {
    const chain = chainId(genesisBy(own, line.founding, all))
    const isMore = all.size < left.size + limits.chainsOfOneMax
    // One that lies knows of each that it is asked about.
    if (!isMore || (await others.seen(chain, until)).length === 0) return all
    all.add(chain)
    await mkdir(join(ledgersIn(directory).copies, chain), { recursive: true })
    log.info({ chain }, 'recalled')
  }
}

/** The chains of which copies are in a directory. */
export async function copiesIn(copies: string): Promise<ChainId[]> {
  await mkdir(copies, { recursive: true })
  return (await readdir(copies)).filter((name) => /^[0-9a-f]{64}$/.test(name)).sort() as ChainId[]
}
