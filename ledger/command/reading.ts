import { type Answer, accept } from '@nexapod/specs'
import type { Store } from '../store/index.ts'
import { Source } from '../store/source.ts'
import { noLedgerIn } from './directory.ts'
import { refusedBy } from './refused.ts'
import type { Shell } from './shell.ts'
import type { Trouble } from './trouble.ts'

/** How much of a store is going to be read. */
export interface Extent {
  /** Whether all: then it is made sure first that this process can. */
  readonly whole: boolean
}

/** Does something with a store that stays as it is: gives a refusal, or a trouble of its own. */
export async function reading(
  directory: string,
  shell: Shell,
  extent: Extent,
  act: (store: Store) => Promise<Answer<Trouble | undefined>>,
): Promise<Trouble | undefined> {
  const missing = await noLedgerIn(directory, shell)
  if (missing) return missing
  const done = await held(directory, shell, extent, act)
  if (done.ok) return done.value
  shell.signal.throwIfAborted()
  return await refusedBy(done.refusal, directory, shell)
}

async function held<T>(
  directory: string,
  { signal }: Shell,
  { whole }: Extent,
  act: (store: Store) => Promise<Answer<T>>,
): Promise<Answer<T>> {
  const there = await Source.hold(directory)
  if (!there.ok) return there
  await using source = there.value
  const readable = whole ? await source.readable(signal) : accept(undefined)
  if (!readable.ok) return readable
  signal.throwIfAborted()
  const opened = await source.open()
  if (!opened.ok) return opened
  await using store = opened.value
  signal.throwIfAborted()
  return await act(store)
}
