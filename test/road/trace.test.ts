import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { cidOf, type MeshId, sha256 } from '../../specs/index.ts'
import { missing } from '../config.ts'
import { child, until } from './child.ts'
import { actsOf, canTrace, trace } from './trace.ts'

describe.skipIf(missing('strace', canTrace))('what a mesh does with sockets', () => {
  test('is to listen and to dial where it was configured, and nothing else', async () => {
    const mesh = randomBytes(32).toString('hex') as MeshId
    const seed = () => randomBytes(32).toString('hex')
    const [ofCoordinator, ofNode] = [trace(), trace()]
    let port = ''
    {
      const listen = ['/ip4/127.0.0.1/tcp/0']
      const config = { mesh, seed: seed(), listen, known: [] }
      await using coordinator = await child(config, ofCoordinator.command)
      const known = coordinator.addresses
      port = known[0]?.split('/')[4] ?? ''
      const wishes = { mesh, seed: seed(), listen: [], known, relayed: true }
      await using node = await child(wishes, ofNode.command)
      await node.order({ do: 'dial', peer: coordinator.peer, addresses: known })
      await until(async () => (await node.order<string[]>({ do: 'addresses' })).length > 0)
      await coordinator.order({ do: 'announce' })
      await node.order({ do: 'coordinators' })
      const block = randomBytes(1000)
      const cid = cidOf('raw', sha256(block))
      await node.order({ do: 'put', cid, block: block.toString('hex') })
      await until(async () => {
        return (await coordinator.order<string>({ do: 'get', cid })) === block.toString('hex')
      })
      for (const one of [coordinator, node]) {
        expect(await one.order({ do: 'publish' })).toEqual(expect.any(Number))
      }
    }
    expect(new Set(ofCoordinator.acts().map(textOf))).toEqual(
      new Set(['bind 127.0.0.1:0', 'listen ']),
    )
    // The port that a node dials from is its own, and nobody can come in by it.
    const acts = ofNode.acts().map(textOf)
    expect(acts).toContain(`connect 127.0.0.1:${port}`)
    const own = acts.filter((act) => /^bind 0\.0\.0\.0:[23]\d{4}$/.test(act))
    expect(new Set(acts)).toEqual(new Set([`connect 127.0.0.1:${port}`, own[0]]))
  })

  test('would be seen: a dial, a look-up, a listener, a datagram, of either family', () => {
    const program = `
      const { connect, createServer } = require('node:net')
      connect(9, '127.0.0.9').on('error', () => {})
      connect(9, '::1').on('error', () => {})
      createServer().listen(0, '127.0.0.1', function () { this.close() })
      const socket = require('node:dgram').createSocket('udp4')
      socket.send('x', 5353, '224.0.0.251', () => socket.close())
    `
    const acts = actsOf(program).map(textOf)
    expect(acts).toEqual(expect.arrayContaining(['connect 127.0.0.9:9', 'connect ::1:9']))
    expect(acts).toEqual(expect.arrayContaining(['bind 127.0.0.1:0', 'listen ']))
    expect(acts.filter((act) => act.startsWith('send'))).toEqual([
      expect.stringContaining('224.0.0.251:5353'),
    ])
  })
})

function textOf({ call, address }: { call: string; address: string }): string {
  return `${call} ${address}`
}
