import { multiaddr } from '@multiformats/multiaddr'
import { protocols } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { attacker, opened } from './scene.ts'

const fleet = 60
const networks = 10

test('sixty nodes that come at once are all in within some seconds', async () => {
  const coordinator = await opened()
  const [address = ''] = coordinator.addresses()
  const come = (_: unknown, i: number) =>
    attacker({ connectionMonitor: { enabled: false } }, `127.0.${100 + (i % networks)}.1`)
  const nodes = await Promise.all(Array.from({ length: fleet }, come))
  let taken = 0
  await coordinator.serve(protocols.work.id, () => taken++)
  const start = performance.now()
  const streams = await Promise.all(
    nodes.map(async (node) => await node.dialProtocol(multiaddr(address), protocols.work.id)),
  )
  const ms = performance.now() - start
  expect(streams.map(({ status }) => status)).toEqual(Array(fleet).fill('open'))
  expect(taken).toBe(fleet)
  expect(ms).toBeLessThan(10_000)
  process.stdout.write(`${fleet} nodes were in after ${(ms / 1000).toFixed(1)} s\n`)
  await Promise.all(nodes.map((node) => node.stop()))
  await coordinator[Symbol.asyncDispose]()
})
