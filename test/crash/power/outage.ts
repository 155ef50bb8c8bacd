import { join } from 'node:path'
import type { Chance } from '../../fuzz/chance.ts'
import { differences, type Image, imageOf, writeImage } from './image.ts'
import { type Call, recorded } from './record.ts'
import { Replay } from './replay.ts'
import { type Names, Volume } from './volume.ts'

/** What loses its power. */
export interface Powered {
  /** The command, given the folder in which its files are. */
  readonly command: (folder: string) => readonly string[]
  /** What is in the folder when it starts. */
  readonly image: Image
  /** Where it runs: a place that is there, and that nobody else uses. */
  readonly place: string
  readonly names: Names
  /** The paths that a sync makes safe: all, unless the disk lies. */
  readonly heeds?: ((path: string) => boolean) | undefined
  /** How often the power goes in one record: each time the disk holds something else. */
  readonly cuts: number
}

/** One loss of power. */
export interface Outage {
  /** What was found on the disk. */
  readonly image: Image
  /** When it was, and what was not on the disk. */
  readonly detail: string
  /** What the command had said before. */
  readonly words: string
}

/**
 * Runs a command to its end while its system calls are recorded, and lets the power go at drawn
 * places of the record. A record tells more than a kill: whatever was between two calls can be had
 * from it, and had again.
 */
export async function outages(powered: Powered, chance: Chance): Promise<Outage[]> {
  const { command, image, place, names, heeds, cuts } = powered
  const live = join(place, 'live')
  await writeImage(live, image)
  const record = await recorded(command(live), join(place, 'record'))
  const calls = await checked(record, powered, live)
  const volume = new Volume(names, image)
  const replay = new Replay(volume, live, heeds)
  const found: Outage[] = []
  const ends = cutsIn(calls, cuts, chance)
  for (let i = 0; i <= calls.length; i++) {
    const call = calls[i]
    for (const _ of ends.filter((end) => end === i)) {
      const { image, lost } = volume.possible(chance)
      const when = `at line ${call?.line ?? 'last'} of ${calls.at(-1)?.line}, names in ${names}`
      found.push({ image, words: replay.words, detail: [when, ...lost].join('; ') })
    }
    if (call) replay.step(call)
  }
  return found
}

/** The calls that did something here, after their replay gave just what is there now. */
async function checked(record: readonly Call[], { names, image }: Powered, live: string) {
  const volume = new Volume(names, image)
  const replay = new Replay(volume, live)
  const calls = record.filter((call) => replay.step(call))
  const others = differences(volume.whole, await imageOf(live))
  if (others.length === 0) return calls
  throw new Error(`the record is not what happened: ${others.join(', ')}`)
}

/**
 * Places in a record: right before a sync, where most is unsafe; a little after a file was made,
 * whose name may be unsafe for long; anywhere; or its end.
 */
function cutsIn(calls: readonly Call[], count: number, chance: Chance): number[] {
  const where = (is: (call: Call) => boolean) => calls.flatMap((call, i) => (is(call) ? [i] : []))
  const syncs = where(({ name }) => /^f(data)?sync$/.test(name))
  const made = where(({ args }) => args.some((arg) => arg.includes('O_CREAT')))
  const end = calls.length
  return Array.from({ length: count }, () => {
    const soon = Math.min(end, chance.one(made) + chance.below(40))
    return chance.one([chance.one(syncs), soon, chance.below(end), end])
  })
}
