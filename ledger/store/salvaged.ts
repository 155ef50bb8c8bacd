import { rm } from 'node:fs/promises'
import { type Answer, accept } from '@nexapod/specs'
import { Damage } from './damage.ts'
import { Disk } from './disk.ts'
import { copyLevel, placesOf } from './folder.ts'
import { unreadable } from './probed.ts'
import { soundPage } from './row.ts'
import type { Salvage } from './task.ts'
import { noTip, type Tip } from './tip.ts'

/** How much is handed over at once. */
const handful = 256

/**
 * Looks through a damaged store for what is as it was written: every kept row, and the entries from
 * a size on, up to the first that is not. Whether they follow is for their reader to check.
 */
export async function salvaged(
  directory: string,
  scratch: string,
  size: number,
  give: (salvage: Salvage) => void = () => {},
): Promise<Answer<Tip>> {
  try {
    await copyLevel(placesOf(directory).level, scratch)
    await using disk = await Disk.open(scratch, { passing: true })
    await giveAll(disk.salvage(), (kept) => give({ kept, entries: [] }))
    await giveAll(entriesOf(disk, size), (entries) => give({ kept: [], entries }))
    return accept(noTip)
  } catch (error) {
    if (error instanceof Damage) return error.refused()
    return unreadable(error)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function* entriesOf(disk: Disk, from: number): AsyncGenerator<Uint8Array> {
  const pages = disk.pages(from, Number.MAX_SAFE_INTEGER, (key, row) => soundPage(key, row, from))
  for await (const { entries } of pages) yield* entries
}

/** Hands over what comes until the first damage, which is where a salvage ends. */
async function giveAll<T>(rows: AsyncIterable<T>, give: (some: readonly T[]) => void) {
  let some: T[] = []
  try {
    for await (const row of rows) {
      some.push(row)
      if (some.length < handful) continue
      give(some)
      some = []
    }
  } catch (error) {
    if (!(error instanceof Damage)) throw error
  }
  give(some)
}
