import { withBitswap } from '@helia/bitswap'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { MemoryDatastore } from 'datastore-core'
import { createHeliaLight } from 'helia'
import { createLibp2p } from 'libp2p'
import { expect, test } from 'vitest'
import { theirCid } from './block.ts'
import { Bitswap } from './fetch/bitswap.ts'
import { fetchInto } from './fetch/fetch.ts'
import { directory, file, kept, Peers, summary, yes } from './test/rig.ts'
import { OutsideView } from './view.ts'

const MiB = 1024 * 1024

test('bitswap gives what is open, not what is sealed, where nothing else does', async () => {
  await using peers = new Peers()
  const [from, to] = [await peers.open('from'), await peers.open('to')]
  const tree = directory({ a: file(2 * MiB + 9), b: file(5) })
  const open = yes(await from.importTree(tree, { ...kept, pin: 'open' }))
  const sealed = yes(await from.importTree(file(700, 8), { ...kept, pin: 'sealed', sealed: true }))
  const nodes = await Promise.all(
    [from, to].map(async ({ store }) => {
      // Bitswap hears of peers from what they say of themselves.
      const libp2p = await createLibp2p({
        addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
        transports: [tcp()],
        connectionEncrypters: [noise()],
        streamMuxers: [yamux()],
        connectionMonitor: { enabled: false },
        services: { identify: identify() },
      })
      const blockstore = new OutsideView(store)
      const helia = createHeliaLight({ blockstore, datastore: new MemoryDatastore() })
      return await withBitswap(Object.assign(helia, { libp2p })).start()
    }),
  )
  const [there, here] = nodes as [(typeof nodes)[0], (typeof nodes)[0]]
  await here.libp2p.dial(there.libp2p.getMultiaddrs())
  const bitswap = new Bitswap(here.blockstore, 3000)
  const wanted = { providers: [], fallback: bitswap, bytesMax: 100 * MiB }
  yes(await fetchInto(to.store, { ...wanted, root: open.cid }))
  expect(summary(yes(await to.exportTree(open.cid, { bytesMax: 100 * MiB })))).toEqual(
    summary(tree),
  )
  const refused = await fetchInto(to.store, { ...wanted, root: sealed.cid })
  expect(refused).toMatchObject({ ok: false, refusal: { code: 'data.missing' } })
  expect(to.store.has(sealed.cid)).toBe(false)
  expect(new OutsideView(from.store).has(theirCid(sealed.cid))).toBe(false)
  const sealedBytes = new OutsideView(from.store).get(theirCid(sealed.cid))
  await expect(sealedBytes.next()).rejects.toThrow('not here')
  await from.store.unseal('sealed')
  expect(new OutsideView(from.store).has(theirCid(sealed.cid))).toBe(true)
  for (const one of nodes) await one.stop()
  const view = new OutsideView(to.store)
  await expect(view.put(theirCid(open.cid), new Uint8Array(3))).rejects.toThrow('not the block')
})
