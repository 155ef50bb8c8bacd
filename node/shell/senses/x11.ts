import { saidBy } from './command.ts'
import type { Way } from './sense.ts'

/** How long ago the last key was pressed or the pointer moved, as an X server knows it. */
export const x11: Way<number> = {
  async look() {
    const said = await saidBy('xprintidle')
    return said === undefined ? undefined : idleOf(said)
  },
}

/** Milliseconds, and nothing else. */
export function idleOf(said: string): number | undefined {
  return /^\d+\s*$/.test(said) ? Number(said) : undefined
}
