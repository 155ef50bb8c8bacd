import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { draws } from '../../mesh/test/time.ts'
import { type Attacker, attackerOf } from './attacker.ts'
import type { Attack } from './attacks.ts'
import type { Waits } from './honest.ts'
import type { Report } from './victim.ts'

/** What came of one attack. */
export interface Outcome {
  readonly attack: string
  /** Refusals that were given meanwhile, by code. */
  readonly codes: Readonly<Record<string, number>>
  /** The most memory that the attacked process has had since before the first attack, more. */
  readonly moreBytes: number
  /** What its channels hold when the attack is over. */
  readonly heldBytes: number
  /** How long an honest peer waited for its answers, and how often it got none. */
  readonly waits: Waits
  /** The same just before and just after the attack, as long each as the attack is at the least. */
  readonly calm: Waits
  /** The p99 of how late the event loop of the attacked process came round. */
  readonly loopMs: number
}

/** How the attacks are run. */
export interface Manner {
  readonly seed: number
  /** How many times as fast as ours the time of the attacked process runs. */
  readonly hurry: number
  /** Each attack is repeated for so long, by new keys of the same network. */
  readonly leastMs: number
  /** Told of the processes, before the first attack: who is attacked, and who is honest. */
  readonly started?: (victim: number, honest: number) => void
}

/**
 * Starts a process that is attacked and one that is honest, and lets the attacks run one after the
 * other, each from a network of its own, with a calm before and after each.
 */
export async function* siege(
  attacks: readonly Attack[],
  { seed, hurry, leastMs, started }: Manner,
): AsyncGenerator<Outcome> {
  const here = import.meta.dirname
  const victim = fork(`${here}/victim.ts`, [String(hurry)], { execArgv: [] })
  const [address] = (await once(victim, 'message')) as [string]
  const honest = fork(`${here}/honest.ts`, [address], { execArgv: [] })
  await once(honest, 'message')
  if (victim.pid !== undefined && honest.pid !== undefined) started?.(victim.pid, honest.pid)
  const calm = async (): Promise<Waits> => {
    await ask<Waits>(honest)
    await sleep(leastMs)
    return await ask<Waits>(honest)
  }
  // What is compiled on the first thousand answers is nobody's attack.
  await calm()
  const { maxRssBytes, codes } = await ask<Report>(victim)
  let known = codes
  const draw = draws(seed)
  let before = await calm()
  for (const [i, attack] of attacks.entries()) {
    await ask<Report>(victim)
    await ask<Waits>(honest)
    const until = performance.now() + leastMs
    const attackers: Attacker[] = []
    do {
      const attacker = await attackerOf({ address }, `127.0.${i + 1}.1`, draw)
      attackers.push(attacker)
      await attack.run(attacker)
    } while (performance.now() < until)
    const waits = await ask<Waits>(honest)
    const report = await ask<Report>(victim)
    await Promise.all(attackers.map((attacker) => attacker.stop()))
    const after = await calm()
    yield {
      attack: attack.name,
      codes: less(report.codes, known),
      moreBytes: report.maxRssBytes - maxRssBytes,
      heldBytes: report.heldBytes,
      waits,
      calm: { us: [...before.us, ...after.us], refused: before.refused + after.refused },
      loopMs: report.loopMs,
    }
    known = report.codes
    before = after
  }
  for (const child of [honest, victim]) {
    child.disconnect()
    await once(child, 'exit')
  }
}

async function ask<T>(child: ChildProcess): Promise<T> {
  const answer = once(child, 'message')
  child.send('how are you')
  return (await answer)[0] as T
}

function less(
  now: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>>,
): Record<string, number> {
  const counts = Object.entries(now).map(([code, count]) => [code, count - (before[code] ?? 0)])
  return Object.fromEntries(counts.filter(([, count]) => count !== 0))
}
