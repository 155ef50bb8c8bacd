import { type Answer, accept, refuse } from '@nexapod/specs'
import { anchored } from './anchor.ts'
import { Build, type BuildListening } from './build.ts'
import { Damage } from './damage.ts'
import { Disk } from './disk.ts'
import { examine } from './examine.ts'
import {
  cannotWrite,
  copyLevel,
  found,
  isOfMachine,
  locked,
  placesOf,
  replaceNow,
} from './folder.ts'
import { unreadable } from './probed.ts'
import type { Store } from './store.ts'
import type { Tip } from './tip.ts'
import type { KeptChange } from './writes.ts'

/**
 * Copies a store to an empty directory while it is in use: every entry is read, checked and
 * written anew, so that a backup of something damaged is refused rather than made.
 */
export async function backup(
  store: Store,
  to: string,
  listening: BuildListening = {},
): Promise<Answer<Tip>> {
  const held = await store.held()
  if (!held.ok) return held
  const { tip, rows } = held.value
  let refusal: Answer<never> | undefined
  async function* entries(): AsyncGenerator<Uint8Array> {
    for await (const answer of store.pages(0, tip.size, listening.signal)) {
      if (answer.ok) yield* answer.value
      else refusal = answer
    }
  }
  try {
    return await make(to, rows, entries(), () => refusal, listening)
  } catch (error) {
    if (isOfMachine(error)) return cannotWrite(to, error)
    throw error
  }
}

/**
 * Makes a store from a backup, in an empty directory. Its gate signs nothing before the witnesses
 * were asked, and then nothing below what they have seen.
 */
export async function restore(
  from: string,
  to: string,
  listening: BuildListening = {},
): Promise<Answer<Tip>> {
  const there = await found(from)
  if (!there.ok) return there
  if (there.value === 'nothing') return refuse('ledger.unknown', { detail: `no ledger in ${from}` })
  const { scratch } = placesOf(to)
  try {
    await copyLevel(placesOf(from).level, scratch)
    await using disk = await Disk.open(scratch, { passing: true })
    const { tip } = await examine(disk, await anchored(placesOf(from).now), 1)
    const rows: KeptChange[] = []
    for await (const row of disk.kept()) rows.push(row)
    async function* entries(): AsyncGenerator<Uint8Array> {
      for await (const page of disk.pages(0, tip.size)) yield* page.entries
    }
    return await make(to, rows, entries(), () => undefined, listening)
  } catch (error) {
    if (error instanceof Damage) return error.refused()
    if (isOfMachine(error)) return cannotWrite(to, error)
    return unreadable(error)
  }
}

async function make(
  to: string,
  rows: readonly KeptChange[],
  entries: AsyncIterable<Uint8Array>,
  refused: () => Answer<never> | undefined,
  listening: BuildListening,
): Promise<Answer<Tip>> {
  const lock = await locked(to)
  if (!lock.ok) return lock
  await using _ = lock.value
  const there = await found(to)
  if (!there.ok) return there
  if (there.value === 'store') return refuse('ledger.other', { detail: `${to} holds one already` })
  let tip: Tip
  {
    await using build = await Build.begin(to)
    const taken = await build.take(entries, listening)
    const failed = refused()
    if (failed) return failed
    if (!taken.ok) return taken
    const kept = await build.keep(rows)
    if (!kept.ok) return kept
    tip = kept.value
  }
  await replaceNow(to)
  return accept(tip)
}
