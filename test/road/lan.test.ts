import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { MeshId } from '../../specs/index.ts'
import { missing } from '../config.ts'
import { child, until } from './child.ts'
import { cable, canMakeNets } from './netns.ts'

const seed = () => randomBytes(32).toString('hex')

describe.skipIf(missing('netns', canMakeNets))('on a local network', () => {
  test('hosts of one mesh find each other, and those of another stay apart', async () => {
    const [mesh, other] = [seed() as MeshId, seed() as MeshId]
    await using stack = new AsyncDisposableStack()
    const net = stack.use(cable())
    const host = async (of: MeshId, i: number, port = 4001) => {
      const listen = [`/ip4/192.168.7.${i + 1}/tcp/${port}`]
      const config = { mesh: of, seed: seed(), listen, known: [], lan: true }
      return stack.use(await child(config, net.hosts[i]))
    }
    const one = await host(mesh, 0)
    const stranger = await host(other, 1, 4002)
    const friend = await host(mesh, 1)
    await until(async () => {
      return (await one.order<unknown[]>({ do: 'paths', peer: friend.peer })).length > 0
    })
    expect(await one.order({ do: 'paths', peer: stranger.peer })).toEqual([])
  })
})
