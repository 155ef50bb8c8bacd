import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { stateRoot } from '../fold/learn.ts'
import type { Ledger } from '../ledger.ts'
import { Writer } from '../test/chains.ts'
import { opened, Places, takenOf, valued } from '../test/stores.ts'
import { delegationFact, peer } from '../test/world.ts'
import { keepSnapshot, recover, type Store } from './index.ts'

const places = new Places()
afterAll(() => places.remove())

/** Entries that make rows, so that a state that is folded by halves shows. */
const writer = new Writer().fill(10)
for (let i = 0; i < 60; i++) writer.write(delegationFact(peer(100), peer(i), 1, 1_000_000))
const taken = takenOf(writer.entries)

/** Recovers, and says from which entry on it had to fold. */
async function recovered(store: Store, size?: number): Promise<{ ledger: Ledger; first: number }> {
  const steps: number[] = []
  const onProgress = (done: number) => steps.push(done)
  const ledger = valued(await recover(store, { onProgress, ...(size ? { size } : {}) }))
  return { ledger, first: steps[0] ?? Number.POSITIVE_INFINITY }
}

const endOf = ({ chain, state }: Ledger) => ({ stand: chain.stand, root: stateRoot(state) })

describe('a recovery', () => {
  test('goes on from the last snapshot, to the same end as from none', async () => {
    const directory = places.next()
    {
      await using store = await opened(directory)
      for (const [from, to] of [
        [0, 20],
        [20, 40],
        [40, 71],
      ] as const) {
        valued(await store.append(taken.slice(from, to)))
        if (to < 71) valued(await keepSnapshot(store, (await recovered(store)).ledger))
      }
    }
    await using store = await opened(directory)
    const whole = await recovered(store)
    expect(whole.first).toBeGreaterThan(40)
    // An earlier size has an earlier snapshot, or none.
    const earlier = await recovered(store, 30)
    expect(earlier.ledger.chain.stand?.size).toBe(30)
    expect((await recovered(store, 15)).first).toBe(15)
    const folder = join(directory, 'now', 'snapshots')
    for (const [i, name] of (await readdir(folder)).sort().reverse().entries()) {
      const file = await readFile(join(folder, name))
      const middle = file.length >> 1
      await writeFile(join(folder, name), file.with(middle, (file[middle] as number) ^ 1))
      const again = await recovered(store)
      expect(endOf(again.ledger)).toEqual(endOf(whole.ledger))
      expect(again.first).toBe(i === 0 ? 40 : 20)
    }
    await rm(folder, { recursive: true })
    expect(endOf((await recovered(store)).ledger)).toEqual(endOf(whole.ledger))
  })
})
