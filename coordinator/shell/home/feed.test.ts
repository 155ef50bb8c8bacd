import { openStore } from '@nexapod/ledger/store'
import { accept } from '@nexapod/specs'
import { afterAll, describe, expect, test } from 'vitest'
import { checkpointBy, Folders, valued } from '../../test/scripted-mesh.ts'
import { ShellRig } from '../../test/shell-rig.ts'
import { Feed } from './feed.ts'

const folders = new Folders()
afterAll(() => folders.remove())
const gone = new AbortController()
afterAll(() => gone.abort())

/** A store with the two entries that a chain begins with. */
async function storeOfTwo() {
  const store = valued(await openStore({ directory: folders.next() }))
  const { taken, done } = await new ShellRig().write()
  valued(await store.append(taken))
  done(accept(undefined))
  return store
}

describe('a feed', () => {
  test('gives a follower entries as far as the checkpoint, then the checkpoint', async () => {
    await using store = await storeOfTwo()
    const feed = new Feed(store)
    const { chain, size } = store.tip
    expect(size).toBe(2)
    using reading = valued(feed.open(chain, 0))
    const checkpoint = checkpointBy('kim')
    feed.stand({ size: 1, checkpoint, cosignatures: [] })
    const types = async () => (await reading.next(9, gone.signal)).map(({ type }) => type)
    expect(await types()).toEqual(['entry', 'checkpoint'])
    const next = types()
    feed.stand({ size: 2, checkpoint, cosignatures: [] })
    expect(await next).toEqual(['entry', 'checkpoint'])
    // It has said all that there is: then it waits, for no longer than it is asked to.
    expect(await reading.next(9, AbortSignal.timeout(50))).toEqual([])
    expect(feed.open('c'.repeat(64) as never, 0).ok).toBe(false)
  })

  test('gives who asks for it what is on the disk, and a checkpoint when it comes', async () => {
    await using store = await storeOfTwo()
    const feed = new Feed(store)
    using reading = valued(feed.open(store.tip.chain, 0, true))
    const types = async () => (await reading.next(9, gone.signal)).map(({ type }) => type)
    expect(await types()).toEqual(['entry', 'entry'])
    const next = types()
    feed.stand({ size: 1, checkpoint: checkpointBy('kim'), cosignatures: [] })
    expect(await next).toEqual(['checkpoint'])
  })
})
