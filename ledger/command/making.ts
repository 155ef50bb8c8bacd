import { rm } from 'node:fs/promises'
import type { Answer } from '@nexapod/specs'
import { namesIn, placesOf } from '../store/folder.ts'
import { isThere } from './directory.ts'

/**
 * Does what makes a store in a directory. If nothing comes of it, or it is ended on the way, what
 * it left there is taken away, and the directory too if it was not there.
 */
export async function making<T>(
  directory: string,
  act: () => Promise<Answer<T>>,
): Promise<Answer<T>> {
  const wasThere = await isThere(directory)
  let isOther = false
  let isMade = false
  try {
    const answer = await act()
    isMade = answer.ok
    isOther = !answer.ok && answer.refusal.code === 'ledger.locked'
    return answer
  } finally {
    // Where another process is at work, everything is its own.
    if (!isOther) await tidyUp(directory, wasThere || isMade)
  }
}

async function tidyUp(directory: string, stays: boolean): Promise<void> {
  if (!stays) return await rm(directory, { recursive: true, force: true })
  const { next, scratch, lock } = placesOf(directory)
  const names = await namesIn(directory)
  const isStore = names.includes('now')
  // A repair that fails between its two renames has made the next one, which is all there is.
  const isBetween = !isStore && names.some((name) => name.startsWith('quarantine-'))
  const left = isBetween ? [scratch] : [scratch, next, ...(isStore ? [] : [lock])]
  for (const path of left) await rm(path, { recursive: true, force: true })
}
