import { rm } from 'node:fs/promises'
import { type Answer, accept } from '@nexapod/specs'
import { anchored } from './anchor.ts'
import { codesOf, Damage, said } from './damage.ts'
import { Disk } from './disk.ts'
import { examine, tailOf } from './examine.ts'
import { complaintsIn, copyLevel, isOfMachine, placesOf } from './folder.ts'
import type { Tip } from './tip.ts'

/**
 * Opens a copy and examines it. LevelDB is native code that can end the process on a bad byte, so
 * whoever serves others has a child do this.
 */
export async function probed(directory: string, scratch: string): Promise<Answer<Tip>> {
  const { now, level } = placesOf(directory)
  try {
    const anchor = await anchored(now)
    const logBytes = await copyLevel(level, scratch)
    const disk = await Disk.open(scratch)
    await using _ = disk
    const complaints = await complaintsIn(scratch)
    // Whoever dropped one thing may have dropped another: then everything is read.
    const tail = complaints.length > 0 ? Number.MAX_SAFE_INTEGER : tailOf(logBytes)
    const { tip } = await examine(disk, anchor, tail)
    return accept(tip)
  } catch (error) {
    if (error instanceof Damage) return error.refused()
    return unreadable(error)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** The refusal for a LevelDB that does not open. */
export function unreadable(error: unknown): Answer<never> {
  const codes = codesOf(error)
  const files = codes.some((code) => ['ENOENT', 'EISDIR', 'ENOTDIR', 'ELOOP'].includes(code))
  const level = codes.some((code) => code.startsWith('LEVEL_'))
  if (isOfMachine(error) || !(files || level)) throw error
  return new Damage('LevelDB', said(error)).refused()
}
