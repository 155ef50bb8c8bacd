import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { cidOf, type MeshId, sha256 } from '../../specs/index.ts'
import { type Child, child, until } from './child.ts'

describe('a mesh of two processes', () => {
  test('finds its coordinators, and gets a block from whoever has it', async () => {
    const mesh = randomBytes(32).toString('hex') as MeshId
    const seed = () => randomBytes(32).toString('hex')
    const listen = ['/ip4/127.0.0.1/tcp/0']
    await using coordinator = await child({ mesh, seed: seed(), listen, known: [] })
    const known = coordinator.addresses
    const node = async () => {
      const one = await child({ mesh, seed: seed(), listen: [], known, relayed: true })
      await one.order({ do: 'dial', peer: coordinator.peer, addresses: known })
      return one
    }
    await using one = await node()
    await using other = await node()
    await coordinator.order({ do: 'announce' })
    const peers = async () =>
      (await one.order<{ peer: string }[]>({ do: 'coordinators' })).map(({ peer }) => peer)
    await until(async () => (await peers()).length > 0)
    expect(await peers()).toEqual([coordinator.peer])

    const block = randomBytes(100_000)
    const cid = cidOf('raw', sha256(block))
    await until(async () => (await relayedOf(one)).length > 0)
    await one.order({ do: 'put', cid, block: block.toString('hex') })
    const providers = await other.order<{ peer: string; addresses: string[] }[]>({
      do: 'find',
      cid,
    })
    expect(providers.map(({ peer }) => peer)).toEqual([one.peer])
    // Nobody can dial it, and it is reached all the same.
    expect(providers[0]?.addresses.every((at) => at.includes('/p2p-circuit'))).toBe(true)
    await until(async () => {
      return (await other.order<string>({ do: 'get', cid })) === block.toString('hex')
    })
  })

  test('takes so much memory when it is idle', async () => {
    const mesh = randomBytes(32).toString('hex') as MeshId
    const seed = () => randomBytes(32).toString('hex')
    const listen = ['/ip4/127.0.0.1/tcp/0']
    await using coordinator = await child({ mesh, seed: seed(), listen, known: [] })
    const known = coordinator.addresses
    await using node = await child({ mesh, seed: seed(), listen: [], known })
    await node.order({ do: 'dial', peer: coordinator.peer, addresses: known })
    const [mine, theirs] = [await memoryOf(node), await memoryOf(coordinator)]
    process.stdout.write(`idle: node ${mine} MB, coordinator ${theirs} MB\n`)
    expect(mine).toBeLessThan(200)
  })
})

async function relayedOf(one: Child): Promise<string[]> {
  return (await one.order<string[]>({ do: 'addresses' })).filter((at) =>
    at.includes('/p2p-circuit'),
  )
}

async function memoryOf(one: Child): Promise<number> {
  return Math.round((await one.order<number>({ do: 'memory' })) / 1e6)
}
