import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import type { GossipSub } from '@libp2p/gossipsub'
import { type Cid, cidOf, sha256 } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import type { HostedMesh } from '../index.ts'
import { beacon, checkpoint, key, nodeOf, opened, until } from './scene.ts'

const seconds = (n: number) => AbortSignal.timeout(n * 1000)

describe('connections', () => {
  test('of twenty nodes of one address that come at once, all get in', async () => {
    await using coordinator = await opened()
    await using stack = new AsyncDisposableStack()
    const nodes = await Promise.all(Array.from({ length: 20 }, () => nodeOf(coordinator)))
    for (const node of nodes) stack.use(node)
    await until(() => coordinator.host.libp2p.getPeers().length === 20)
  })

  test('lead to the key that was asked for, or nowhere', async () => {
    await using coordinator = await opened()
    await using node = await opened({ listen: [], known: coordinator.addresses() })
    const other = key()
    const [at = ''] = coordinator.addresses()
    const bare = at.slice(0, at.indexOf('/p2p/'))
    const answer = await node.dial(other.id, [bare], seconds(5))
    expect(answer).toMatchObject({ ok: false, refusal: { code: 'wire.unreachable' } })
    expect(await node.dial(coordinator.peer, [bare], seconds(5))).toMatchObject({ ok: true })
  })

  test('are given up when the caller gives up', async () => {
    await using node = await opened({ listen: [], known: [] })
    const gone = AbortSignal.abort(new Error('no longer wanted'))
    await expect(node.dial(key().id, [], gone)).rejects.toThrow('no longer wanted')
  })
})

describe('gossip', () => {
  test('carries beacons, checkpoints and forks to those who are not neighbours', async () => {
    const boss = key()
    const roster = [{ coordinator: boss.id, addresses: [] }]
    await using coordinator = await opened({ roster })
    await using teller = await nodeOf(coordinator, { seed: boss.seed, roster })
    await using node = await nodeOf(coordinator, { roster })
    const heard: string[] = []
    node.on('beacon', ({ says }) => heard.push(`beacon of ${says.coordinator}`))
    node.on('checkpoint', ({ says }) => heard.push(`checkpoint of ${says.coordinator}`))
    const stop = node.on('fork', ({ says }) => heard.push(`fork of ${says.coordinator}`))
    await until(() => neighbours(teller) === 3 && neighbours(coordinator) === 6)
    await teller.publish('beacon', beacon(boss))
    await teller.publish('checkpoint', checkpoint(boss, randomBytes(32)))
    await until(() => heard.length === 2)
    const [one, other] = [checkpoint(boss, randomBytes(32)), checkpoint(boss, randomBytes(32))]
    await teller.publish('fork', { one, other })
    await until(() => heard.length === 3)
    expect(heard.sort()).toEqual(
      ['beacon', 'checkpoint', 'fork'].map((what) => `${what} of ${boss.id}`),
    )
    stop()
  })

  test('to nobody is no fault', async () => {
    const boss = key()
    await using alone = await opened({ seed: boss.seed })
    expect(await alone.publish('beacon', beacon(boss))).toBe(0)
  })
})

/** Over all topics, with how many peers a host keeps to. */
function neighbours({ host }: HostedMesh): number {
  const gossip = host.libp2p.services.gossip as GossipSub & {
    getMeshPeers(topic: string): readonly string[]
  }
  const meshes = gossip.getTopics().map((topic) => gossip.getMeshPeers(topic))
  return meshes.flat().length
}

describe('the directory', () => {
  test('says nothing, and waits for nobody, where nobody is', async () => {
    await using alone = await opened({ listen: [] })
    const cid: Cid = cidOf('raw', sha256(randomBytes(8)))
    const found: unknown[] = []
    for await (const one of alone.find(cid, seconds(20))) found.push(one)
    expect(found).toEqual([])
  })
})

test('libp2p and Helia are not loaded before a mesh is opened', () => {
  const script = `
    const { registerHooks } = await import('node:module')
    let heavy = []
    registerHooks({ load(url, context, next) {
      if (/node_modules.*(libp2p|helia)/.test(url)) heavy.push(url)
      return next(url, context)
    } })
    await import(${JSON.stringify(new URL('../index.ts', import.meta.url).href)})
    console.log(heavy.length)
  `
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', script])
  expect(Number(out)).toBe(0)
})
