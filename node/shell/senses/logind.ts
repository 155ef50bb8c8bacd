import { saidBy } from './command.ts'
import type { Way } from './sense.ts'

/**
 * Whether somebody is there, as the manager of logins knows it of all sessions together. Desktops
 * tell it when their screen would go dark; of terminals it looks at the last key itself. Whoever
 * inhibits idleness, such as a film, is there.
 */
export const logind: Way<number> = {
  async look() {
    // Without a session it shows its own properties.
    const said = await saidBy('loginctl', 'show-session', '-p', 'IdleHint', '-p', 'IdleSinceHint')
    return said === undefined ? undefined : idleOf(said, Date.now())
  },
}

/** For how many milliseconds nobody has been there. */
export function idleOf(said: string, now: number): number | undefined {
  const hint = /^IdleHint=(yes|no)$/m.exec(said)?.[1]
  if (hint === 'no') return 0
  const since = /^IdleSinceHint=(\d+)$/m.exec(said)?.[1]
  if (hint === undefined || since === undefined) return undefined
  return Math.max(0, now - Math.floor(Number(since) / 1000))
}
