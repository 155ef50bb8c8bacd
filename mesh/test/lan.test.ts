import { randomBytes } from 'node:crypto'
import type { MeshId } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { missing } from '../../test/config.ts'
import { child } from './child.ts'
import { canMakeNets, localNetwork } from './netns.ts'
import { until } from './scene.ts'

const seed = () => randomBytes(32).toString('hex')

describe.skipIf(missing('netns', canMakeNets))('on a local network', () => {
  test('hosts of one mesh find each other, and those of another stay apart', async () => {
    const [mesh, other] = [seed() as MeshId, seed() as MeshId]
    await using stack = new AsyncDisposableStack()
    const net = stack.use(localNetwork(3))
    const host = async (of: MeshId, i: number) => {
      const listen = [`/ip4/192.168.7.${i + 1}/tcp/4001`]
      const config = { mesh: of, seed: seed(), listen, known: [], lan: true }
      return stack.use(await child(config, net.hosts[i]))
    }
    const one = await host(mesh, 0)
    const stranger = await host(other, 1)
    const friend = await host(mesh, 2)
    await until(async () => {
      return (await one.order<unknown[]>({ do: 'paths', peer: friend.peer })).length > 0
    }, 30_000)
    expect(await one.order({ do: 'paths', peer: stranger.peer })).toEqual([])
  })
})
