import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Chance } from '../../fuzz/chance.ts'
import { type Image, writeImage } from './image.ts'
import type { Deed } from './mender.ts'
import { loseMending } from './mending.ts'
import { outages, type Powered } from './outage.ts'
import type { Names } from './volume.ts'

/** What is done when the power goes. */
export interface Power {
  readonly seed: number
  /** Left out, it is drawn. */
  readonly deed?: 'write' | Deed
  /** What carries names to the disk; left out, it is drawn. */
  readonly names?: Names
  /** The paths that a sync makes safe; left out, all. */
  readonly heeds?: (path: string) => boolean
}

/** Opens a store, and finds what is there and what is wrong with it. */
type Judge = (
  directory: string,
  acknowledged: number,
) => Promise<{ readonly size: number; readonly wrong?: string }>

/** What was said before the power went the last time, and what was there then. */
interface Lap {
  readonly image: Image
  readonly acknowledged: number
  readonly size: number
  readonly wrong?: string
}

const program = fileURLToPath(new URL('../writer.ts', import.meta.url))
const cuts = 6
// With long rows LevelDB begins a new log every hundred writes, with short ones never.
const longRowBytes = 65_000

/** Lets the power go while something is done to a store, and judges what may be on the disk. */
export async function losePower(place: string, power: Power, judge: Judge) {
  const chance = new Chance(power.seed, 0)
  const drawn = {
    names: chance.one<Names>(['journal', 'folders']),
    deed: chance.one<'write' | Deed>([...Array(7).fill('write'), 'repair', 'backup', 'restore']),
  }
  const { deed, names, heeds } = { ...drawn, ...power }
  await mkdir(place, { recursive: true })
  const powered = { place, names, heeds }
  const lost =
    deed === 'write'
      ? await loseWriting(powered, chance, judge)
      : await loseMending(deed, powered, chance)
  return { acknowledged: 0, refused: [], ...lost }
}

/**
 * Lets a writer write, and the power go in the midst of it. What may be on the disk then is judged,
 * and the next lap goes on with it as it was before anybody opened it: so the power goes during
 * recoveries too.
 */
async function loseWriting(
  powered: Pick<Powered, 'place' | 'names' | 'heeds'>,
  chance: Chance,
  judge: Judge,
) {
  const disk = join(powered.place, 'disk')
  const laps = 1 + chance.below(3)
  const rowBytes = chance.once(3) ? longRowBytes : 0
  // Somebody may have made the directory before.
  let last: Lap = { image: new Map([['store', undefined]]), acknowledged: 0, size: 0 }
  if (chance.once(2)) last = { ...last, image: new Map() }
  for (let i = 0; i < laps && last.wrong === undefined; i++) {
    const count = last.acknowledged + 100 + chance.below(rowBytes > 0 ? 1000 : 600)
    const args = [`${count}`, '2', `${rowBytes}`]
    const command = (folder: string) => [process.execPath, program, join(folder, 'store'), ...args]
    const judged: Lap[] = []
    for (const outage of await outages({ ...powered, command, image: last.image, cuts }, chance)) {
      const { image, detail, words } = outage
      const acknowledged = Math.max(last.acknowledged, lastSaid(words))
      await writeImage(disk, image)
      const { size, wrong } = await judge(join(disk, 'store'), acknowledged)
      const at = `lap ${i}, ${detail}`
      judged.push({ image, acknowledged, size, ...(wrong && { wrong: `${wrong} (${at})` }) })
    }
    last = judged.find(({ wrong }) => wrong !== undefined) ?? chance.one(judged)
  }
  const { acknowledged, size, wrong } = last
  return { acknowledged, size, ...(wrong && { wrong }) }
}

function lastSaid(words: string): number {
  return Number(words.match(/(?<=^acknowledged )\d+$/gm)?.at(-1) ?? 0)
}
