import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { cidOf, type MeshId, sha256 } from '../../specs/index.ts'
import { missing } from '../config.ts'
import { type Child, child, until } from './child.ts'
import { canMakeNets, internet, type Nat } from './netns.ts'

type Paths = readonly { readonly at: string; readonly limited: boolean }[]

const seed = () => randomBytes(32).toString('hex')
const mesh = randomBytes(32).toString('hex') as MeshId

describe.skipIf(missing('netns', canMakeNets))('two nodes behind routers', () => {
  test('reach each other through a coordinator, and then directly', async () => {
    await using scene = await opened(['keeps ports', 'keeps ports'])
    const { coordinator, one, other } = scene
    const through = coordinator.addresses.map((at) => `${at}/p2p-circuit`)
    const dialled = await one.order({ do: 'dial', peer: other.peer, addresses: through })
    expect(dialled).toEqual({ ok: true, value: other.peer })
    expect(await direct(one, other)).toContain('/ip4/52.0.1.2/tcp/')
  })

  test('stay with the coordinator where routers draw new ports, and so does data', async () => {
    await using scene = await opened(['draws ports', 'draws ports'])
    const { coordinator, one, other } = scene
    const through = coordinator.addresses.map((at) => `${at}/p2p-circuit`)
    await one.order({ do: 'dial', peer: other.peer, addresses: through })
    const paths = await one.order<Paths>({ do: 'paths', peer: other.peer })
    expect(paths).toEqual([{ at: expect.stringContaining('/p2p-circuit/'), limited: true }])

    // More than any relay passes on by default.
    const block = randomBytes(500_000)
    const cid = cidOf('raw', sha256(block))
    await one.order({ do: 'put', cid, block: block.toString('hex') })
    await until(async () => {
      return (await other.order<string>({ do: 'get', cid })) === block.toString('hex')
    })
  })
})

interface Scene extends AsyncDisposable {
  readonly coordinator: Child
  readonly one: Child
  readonly other: Child
}

async function opened(nats: readonly Nat[]): Promise<Scene> {
  await using opening = new AsyncDisposableStack()
  const net = opening.use(internet(nats))
  const listen = [`/ip4/${net.address}/tcp/4001`]
  const config = { mesh, seed: seed(), listen, known: [] }
  const coordinator = opening.use(await child(config, net.middle))
  const [one, other] = [
    opening.use(await node(coordinator, net.homes[0])),
    opening.use(await node(coordinator, net.homes[1])),
  ]
  const all = opening.move()
  return { coordinator, one, other, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

/** A node that has a place at the coordinator: others can be passed on to it. */
async function node(to: Child, home: readonly string[] = []): Promise<Child> {
  const known = to.addresses
  const one = await child({ mesh, seed: seed(), listen: [], known, relayed: true }, home)
  await one.order({ do: 'dial', peer: to.peer, addresses: known })
  await until(async () => {
    const addresses = await one.order<string[]>({ do: 'addresses' })
    return addresses.some((at) => at.includes('/p2p-circuit/'))
  })
  return one
}

async function direct(one: Child, other: Child): Promise<string> {
  let found: string | undefined
  await until(async () => {
    const paths = await one.order<Paths>({ do: 'paths', peer: other.peer })
    found = paths.find(({ limited }) => !limited)?.at
    return found !== undefined
  })
  return found as unknown as string
}
