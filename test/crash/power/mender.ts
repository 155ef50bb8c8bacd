import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { backup, lookHere, openStore, repair, restore } from '../../../ledger/store/index.ts'
import { entries, valued } from '../../../ledger/test/stores.ts'

/** What the source of a repair has; the old store has more. */
const sourceSize = 300

/** One of the deeds that make a store from another one, in a folder that holds `store`. */
export type Deed = 'repair' | 'backup' | 'restore'

/** Makes a store from another one, and gives its size. */
export async function mend(deed: Deed, folder: string): Promise<number> {
  const [from, to] = [join(folder, 'store'), join(folder, 'copy')]
  switch (deed) {
    case 'repair': {
      const mended = await repair(from, entries.slice(0, sourceSize), { look: lookHere })
      return valued(mended).tip.size
    }
    case 'backup': {
      await using store = valued(await openStore({ directory: from, look: lookHere }))
      return valued(await backup(store, to)).size
    }
    case 'restore':
      return valued(await restore(from, to)).size
  }
}

if (import.meta.main) {
  const [deed = '', folder = ''] = process.argv.slice(2)
  writeSync(1, `made ${await mend(deed as Deed, folder)}\n`)
}
