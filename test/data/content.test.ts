import { expect, test } from 'vitest'
import { buildDirectory } from '../../mesh/data/build.ts'
import { kept, Peers, yes } from '../../mesh/data/test/rig.ts'
import { taskOf } from '../../node/executors/wasm/run/task-of.ts'
import { probe, unitOf } from '../../node/executors/wasm/test/job.ts'
import { contentOf } from '../../node/shell/workshop.ts'
import { cidOf, sha256 } from '../../specs/index.ts'

const MiB = 1024 * 1024

test('a megabyte under hundreds of names is fetched once, and fills no memory', async () => {
  await using peers = new Peers()
  const publisher = await peers.open('publisher')
  const bytes = new Uint8Array(MiB)
  yes(await publisher.importTree({ bytes }, { ...kept, pin: 'chunk' }))
  const entry = { cid: cidOf('raw', sha256(bytes)), linked: MiB, bytes: MiB }
  const names = Array.from({ length: 400 }, (_, i) => ({ ...entry, name: `${i}` }))
  const { cid } = yes(
    await buildDirectory(names, async (block) => await publisher.store.put(block)),
  )
  const node = await peers.open('node')
  const fetched = yes(
    await node.fetch({ root: cid, peers: ['publisher'], gateways: [], bytesMax: 4 * MiB }),
  )
  expect(fetched.bytes).toBeLessThan(2 * MiB)
  const executors = [probe(['read'])]
  const unit = unitOf({
    executors,
    resources: { ...unitOf({ executors }).job.resources, diskBytes: 64 * MiB },
    inputs: [{ kind: 'directory', path: '/in/data', from: { type: 'cid', cid } }],
  })
  const before = process.memoryUsage().arrayBuffers
  expect(await taskOf(unit, contentOf(node))).toBeUndefined()
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(128 * MiB)
})
