import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Changes } from '@nexapod/ledger'
import type { Store } from '@nexapod/ledger/store'
import type { ChainId } from '@nexapod/specs'
import type { Log } from '../log.ts'
import { ledgersIn } from './adoption.ts'

/** What of a mesh has to be known to begin another chain in it. */
export type Left = Pick<Changes, 'founding' | 'after'>

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

/** The chains of which copies are in a directory. */
export async function copiesIn(copies: string): Promise<ChainId[]> {
  await mkdir(copies, { recursive: true })
  return (await readdir(copies)).filter((name) => /^[0-9a-f]{64}$/.test(name)).sort() as ChainId[]
}
