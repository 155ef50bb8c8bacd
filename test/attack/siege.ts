import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { draws } from '../../mesh/test/time.ts'
import { attackerOf } from './attacker.ts'
import type { Attack } from './attacks.ts'
import type { Waits } from './honest.ts'
import type { Report, Station } from './victim.ts'
import { attacked } from './window.ts'

/** What came of one attack. */
export interface Outcome {
  readonly attack: string
  /** Refusals that were given meanwhile, by code. */
  readonly codes: Readonly<Record<string, number>>
  /** The most memory that the attacked process has had since before the first attack, more. */
  readonly moreBytes: number
  /** What its channels hold when the attack is over. */
  readonly heldBytes: number
  /** How long honest nodes waited for their answers while it was attacked, in all windows. */
  readonly waits: Waits
  /** The same in each calm: before, between and after the windows of the attack. */
  readonly calms: readonly Waits[]
  /** The p99 of how late the event loop of the attacked process came round. */
  readonly loopMs: number
}

/** How the attacks are run. */
export interface Manner {
  readonly seed: number
  /** How many times as fast as ours the time of the attacked process runs. */
  readonly hurry: number
  /**
   * How long a window is: an attack that is over sooner is repeated, by a new key of the same
   * network, and one that takes longer is ended. Without it each is run once, to its end.
   */
  readonly windowMs: number | undefined
  /** So many windows of each attack, with a calm as long before and after each. */
  readonly windows: number
  /** Told of the processes before the first attack: the attacked, then the honest ones. */
  readonly started?: (processes: readonly number[]) => void
}

/** Until both ends are compiled: from then on one calm is as good as the next. */
const warmMs = 5_000

/**
 * Starts a process that is attacked and one with honest nodes, and lets the attacks run one after
 * the other, each from a network of its own, calm and attack by turns: what else the machine does
 * then falls on both alike.
 */
export async function* siege(
  attacks: readonly Attack[],
  { seed, hurry, windowMs, windows, started }: Manner,
): AsyncGenerator<Outcome> {
  const here = import.meta.dirname
  const victim = fork(`${here}/victim.ts`, [String(hurry)], { execArgv: [] })
  const [{ mesh, address }] = (await once(victim, 'message')) as [Station]
  const [, port = ''] = /tcp\/(\d+)/.exec(address) ?? []
  const line = fork(new URL('./line.ts', import.meta.url), [port], { execArgv: [] })
  const [farPort] = (await once(line, 'message')) as [number]
  const far = address.replace(`tcp/${port}`, `tcp/${farPort}`)
  // Nodes have machines of their own, and eight of them are not collected at one time.
  const execArgv = ['--single-threaded-gc']
  const honest = fork(`${here}/honest.ts`, [mesh, address, far], { execArgv })
  const [nodes] = (await once(honest, 'message')) as [number]
  started?.([victim, honest, line].map(({ pid = 0 }) => pid))
  const calm = async (): Promise<Waits> => {
    // What an attack has left behind is gone when its last connection is.
    while ((await ask<Report>(victim)).connections > nodes) await sleep(10)
    await ask<Waits>(honest)
    if (windowMs !== undefined) await sleep(windowMs)
    return await ask<Waits>(honest)
  }
  const draw = draws(seed)
  const attackersOf = (i: number) => () => attackerOf({ address }, `127.0.${i + 1}.1`, draw)
  // What is compiled in the first thousands of answers, and when one is first attacked, is paid
  // once in the life of a process.
  if (windowMs !== undefined) {
    await sleep(warmMs)
    for (const [i, attack] of attacks.entries()) {
      await attacked(attack, attackersOf(i), windowMs / 2, async () => {})
    }
    await sleep(warmMs)
  }
  const { maxRssBytes, codes } = await ask<Report>(victim)
  let known = codes
  let last = await calm()
  for (const [i, attack] of attacks.entries()) {
    const calms = [last]
    const all: Waits[] = []
    let [heldBytes, loopMs] = [0, 0]
    for (let window = 0; window < windows; window++) {
      await ask<Report>(victim)
      await ask<Waits>(honest)
      const [waits, report] = await attacked(attack, attackersOf(i), windowMs, async () => {
        return [await ask<Waits>(honest), await ask<Report>(victim)] as const
      })
      all.push(waits)
      heldBytes = report.heldBytes
      loopMs = Math.max(loopMs, report.loopMs)
      last = await calm()
      calms.push(last)
    }
    const report = await ask<Report>(victim)
    yield {
      attack: attack.name,
      codes: less(report.codes, known),
      moreBytes: report.maxRssBytes - maxRssBytes,
      heldBytes,
      waits: pooled(all),
      calms,
      loopMs,
    }
    known = report.codes
  }
  for (const child of [honest, line, victim]) {
    child.disconnect()
    await once(child, 'exit')
  }
}

/** The answers of several windows, as if they were one. */
export function pooled(waits: readonly Waits[]): Waits {
  return {
    us: waits.flatMap(({ us }) => us),
    nearUs: waits.flatMap(({ nearUs }) => nearUs),
    refused: waits.reduce((sum, { refused }) => sum + refused, 0),
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
