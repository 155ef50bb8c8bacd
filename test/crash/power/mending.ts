import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lookHere, openStore } from '../../../ledger/store/index.ts'
import { filled } from '../../../ledger/test/stores.ts'
import type { Chance } from '../../fuzz/chance.ts'
import { imageOf, writeImage } from './image.ts'
import { type Deed, mend } from './mender.ts'
import { outages, type Powered } from './outage.ts'

const program = fileURLToPath(new URL('./mender.ts', import.meta.url))
const size = 600
const cuts = 12

/**
 * Lets the power go while a store is made from another. What is said to be made is there; what is
 * not can be made again; and nothing of the old one is lost.
 */
export async function loseMending(
  deed: Deed,
  { place, names, heeds }: Pick<Powered, 'place' | 'names' | 'heeds'>,
  chance: Chance,
) {
  const base = join(place, 'base')
  await (await filled(join(base, 'store'), size))[Symbol.asyncDispose]()
  if (deed === 'repair') await writeFile(join(base, 'store', 'now', 'damaged'), 'by a test')
  const image = await imageOf(base)
  const command = (folder: string) => [process.execPath, program, deed, folder]
  const disk = join(place, 'disk')
  for (const outage of await outages({ command, image, place, names, heeds, cuts }, chance)) {
    await writeImage(disk, outage.image)
    const wrong = await wrongWith(deed, disk, outage.words.startsWith('made'))
    if (wrong !== undefined) return { size, wrong: `${deed}: ${wrong} (${outage.detail})` }
  }
  return { size }
}

async function wrongWith(deed: Deed, disk: string, made: boolean): Promise<string | undefined> {
  const target = join(disk, deed === 'repair' ? 'store' : 'copy')
  const there = await foundAt(target)
  if (made) return there === size ? undefined : `it was made, and there is ${there}`
  // Nobody was told that it was made; but it may be.
  if (there === size) return undefined
  if (deed === 'repair') {
    if (there !== 'ledger.damaged') return `there is ${there}`
    const again = await mend(deed, disk)
    return again === size ? undefined : `of ${size} entries ${again} are there after another repair`
  }
  if (there !== 0) return `in place of a copy there is ${there}`
  const source = await foundAt(join(disk, 'store'))
  return source === size ? undefined : `in place of its source there is ${source}`
}

async function foundAt(directory: string): Promise<number | string> {
  const opened = await openStore({ directory, look: lookHere })
  if (!opened.ok) return opened.refusal.code
  await using store = opened.value
  return store.tip.size
}
