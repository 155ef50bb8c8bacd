import { setTimeout as sleep } from 'node:timers/promises'
import type { Attacker } from './attacker.ts'
import type { Attack } from './attacks.ts'

/**
 * Lets an attack run for so long: one that is over sooner is repeated, by a new key, and one that
 * takes longer goes on until all is `over`. Without a time it is run once, to its end. What was
 * done with the attack at its height is what `meanwhile` gives; then its attackers are stopped.
 */
export async function attacked<T>(
  { run }: Attack,
  make: () => Promise<Attacker>,
  windowMs: number | undefined,
  meanwhile: () => Promise<T>,
): Promise<T> {
  const attackers: Attacker[] = []
  const runs: Promise<void>[] = []
  const over = new AbortController()
  const time = windowMs === undefined ? undefined : sleep(windowMs, undefined, over)
  let isOver = time === undefined
  time?.then(() => {
    isOver = true
  })
  do {
    const attacker = await make()
    attackers.push(attacker)
    const running = run(attacker)
    runs.push(running)
    await (time === undefined ? running : Promise.race([running, time]))
  } while (!isOver)
  const seen = await meanwhile()
  await Promise.all(attackers.map((attacker) => attacker.stop()))
  // One that was cut off in the middle may say so: it has nobody left to attack with.
  await Promise.allSettled(runs)
  return seen
}
