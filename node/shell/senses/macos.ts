import { saidBy } from './command.ts'
import type { Way } from './sense.ts'

/** How long ago the last key was pressed or the pointer moved, as macOS knows it. */
export const macos: Way<number> = {
  async look() {
    const said = await saidBy('ioreg', '-c', 'IOHIDSystem', '-d', '4')
    return said === undefined ? undefined : idleOf(said)
  },
}

/** The least of what its devices tell, in nanoseconds there. */
export function idleOf(said: string): number | undefined {
  const found = [...said.matchAll(/"HIDIdleTime" = (\d+)/g)]
  if (found.length === 0) return undefined
  return Math.floor(Math.min(...found.map(([, nanoseconds]) => Number(nanoseconds))) / 1e6)
}
