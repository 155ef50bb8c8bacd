import { isDeepStrictEqual } from 'node:util'
import { limits as bounds } from '@nexapod/specs'
import { days, type Limits } from '../../core/limits/limits.ts'
import type { Observations } from '../../core/limits/observations.ts'
import { observedAt } from '../../executors/machine.ts'
import { isOnX11 } from './config.ts'
import { logind } from './logind.ts'
import { macos } from './macos.ts'
import { networkManager, nmcli } from './metered.ts'
import { proc, ps, running, tasklist } from './programs.ts'
import { Sense, type Way } from './sense.ts'
import { sensors } from './temperature.ts'
import { windows } from './windows.ts'
import { x11 } from './x11.ts'

/** What is found out of a machine beside its clock, memory, disk and power. */
export type SenseName = 'idle' | 'metered' | 'celsius' | 'programs'

/** In which ways systems tell each of it, the first first. */
export interface Ways {
  readonly idle: readonly Way<number>[]
  readonly metered: readonly Way<boolean>[]
  readonly celsius: readonly Way<number>[]
  readonly programs: readonly Way<readonly string[]>[]
}

/** The ways of the system that this is: what it does not tell is unknown. */
export function waysHere(platform: string = process.platform): Ways {
  const none = { idle: [], metered: [], celsius: [], programs: [] }
  if (platform === 'darwin') return { ...none, idle: [macos], programs: [ps] }
  if (platform === 'win32') return { ...none, idle: [windows()], programs: [tasklist] }
  if (platform !== 'linux') return none
  return {
    idle: isOnX11() ? [x11, logind] : [logind],
    metered: [networkManager, nmcli],
    celsius: [sensors()],
    programs: [proc()],
  }
}

/** How a machine is found, but for what a node counts itself. */
export type Found = Omit<Observations, 'transferred' | 'has'>

/** The senses of a node: how its machine is found, as far as its limits ask. */
export class Senses implements Disposable {
  readonly #directory: string
  readonly #idle: Sense<number>
  readonly #metered: Sense<boolean>
  readonly #celsius: Sense<number>
  readonly #programs: Sense<readonly string[]>

  /** Looks at the disk of a directory; a sense that fails for long is told. */
  constructor(directory: string, lost: (sense: SenseName) => void, ways = waysHere()) {
    this.#directory = directory
    this.#idle = new Sense(ways.idle, 0, () => lost('idle'))
    this.#metered = new Sense(ways.metered, bounds.meteredMs, () => lost('metered'))
    this.#celsius = new Sense(ways.celsius, 0, () => lost('celsius'))
    this.#programs = new Sense(ways.programs, 0, () => lost('programs'))
  }

  [Symbol.dispose](): void {
    for (const sense of [this.#idle, this.#metered, this.#celsius, this.#programs]) sense.close()
  }

  /** For how long nobody has touched the machine. */
  async idleMs(): Promise<number | undefined> {
    return await this.#idle.look()
  }

  /** All that the limits ask of the machine: no sense is asked of which nothing would follow. */
  async look(limits: Limits): Promise<Found> {
    const asks = {
      idle: asksForIdle(limits),
      metered: !limits.metered,
      celsius: limits.celsiusMax !== undefined,
      programs: limits.programs.length > 0,
    }
    const [machine, idleMs, metered, celsius, names] = await Promise.all([
      observedAt(this.#directory),
      asks.idle ? this.#idle.look() : undefined,
      asks.metered ? this.#metered.look() : undefined,
      asks.celsius ? this.#celsius.look() : undefined,
      asks.programs ? this.#programs.look() : undefined,
    ])
    return {
      ...machine,
      clock: clockOf(new Date()),
      ...(idleMs === undefined ? {} : { idleMs }),
      ...(metered === undefined ? {} : { metered }),
      ...(celsius === undefined ? {} : { celsius }),
      ...(names === undefined ? {} : { programs: running(limits.programs, names) }),
    }
  }
}

/** Whether it makes a difference if somebody is there. */
export function asksForIdle({ inUse, idle }: Limits): boolean {
  return !isDeepStrictEqual(inUse, idle)
}

/** What a clock on the wall shows. */
export function clockOf(now: Date): Observations['clock'] {
  return {
    day: days[(now.getDay() + 6) % 7] as (typeof days)[number],
    minute: now.getHours() * 60 + now.getMinutes(),
  }
}
