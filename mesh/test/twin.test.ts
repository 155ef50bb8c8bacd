import { randomBytes } from 'node:crypto'
import { type Cid, cidOf, type PeerId, sha256 } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { machineClock } from '../channel/clock.ts'
import type { Pipe } from '../channel/pipe.ts'
import { type Caller, type Member, MemoryMeshes, type Mesh } from '../index.ts'
import { beacon, key, meshOfTest, nodeOf, opened, openFork, until } from './scene.ts'

const soon = () => AbortSignal.timeout(20_000)
const echo = '/nexapod/echo/1'
const boss = key()
const roster: readonly Member[] = [{ coordinator: boss.id, addresses: [] }]

/** A coordinator and a node that is connected to it. */
type Pair = () => Promise<readonly [Mesh, Mesh]>

async function ofLibp2p(): Promise<readonly [Mesh, Mesh]> {
  const coordinator = await opened({ seed: boss.seed, roster })
  return [coordinator, await nodeOf(coordinator, { roster })]
}

async function inMemory(): Promise<readonly [Mesh, Mesh]> {
  const meshes = new MemoryMeshes({ clock: machineClock, draw: () => 0, windowBytes: 65_536 })
  const common = { mesh: meshOfTest, roster, openFork, now: Date.now }
  const coordinator = meshes.open({ ...common, peer: boss.id, listens: true })
  const node = meshes.open({ ...common, peer: key().id, listens: false })
  await node.dial(coordinator.peer, coordinator.addresses(), soon())
  return [coordinator, node]
}

describe.each<[string, Pair]>([
  ['of libp2p', ofLibp2p],
  ['in memory', inMemory],
])('a mesh %s', (_, pair) => {
  test('carries streams between who is connected, whoever dialled', async () => {
    const [coordinator, node] = await pair()
    await using _a = coordinator
    await using _b = node
    const callers: Caller[] = []
    const serve = (pipe: Pipe, from: Caller) => {
      callers.push(from)
      pipe.listen({
        data: (bytes) => pipe.send(Uint8Array.from(bytes)),
        drained: () => {},
        ended: () => pipe.close(),
        closed: () => {},
      })
    }
    for (const [from, to] of [
      [node, coordinator],
      [coordinator, node],
    ] as const) {
      await to.serve(echo, serve)
      const answer = await from.open(to.peer, echo, soon())
      if (!answer.ok) throw new Error(answer.refusal.detail)
      expect(await echoed(answer.value, 'what is said')).toBe('what is said')
      expect(callers.at(-1)?.peer).toBe(from.peer)
    }
  })

  test('refuses who is not there, and what nobody serves', async () => {
    const [coordinator, node] = await pair()
    await using _a = coordinator
    await using _b = node
    const unreachable = { ok: false, refusal: { code: 'wire.unreachable' } }
    expect(await node.dial(key().id, [], soon())).toMatchObject(unreachable)
    expect(await node.open(key().id, echo, soon())).toMatchObject(unreachable)
    expect(await node.open(coordinator.peer, '/nexapod/none/1', soon())).toMatchObject(unreachable)
  })

  test('gossips what is true and new, once', async () => {
    const [coordinator, node] = await pair()
    await using _a = coordinator
    await using _b = node
    const heard: number[] = []
    const stop = node.on('beacon', ({ says }) => heard.push(says.issued))
    let issued = Date.now()
    // The same again is said to nobody: who wants to be heard says something new.
    const say = async () => coordinator.publish('beacon', beacon(boss, { issued: ++issued }))
    await until(async () => (await say()) > 0)
    await until(() => heard.at(-1) === issued)
    const count = heard.length
    const signatures = [new Uint8Array(64)]
    await coordinator.publish('beacon', { ...beacon(boss, { issued: ++issued }), signatures })
    await say()
    await until(() => heard.at(-1) === issued)
    expect(heard.length).toBe(count + 1)
    stop()
  })

  test('finds who announced, if it can be dialled', async () => {
    const [coordinator, node] = await pair()
    await using _a = coordinator
    await using _b = node
    const cid = cidOf('raw', sha256(randomBytes(32)))
    for (const what of ['coordinator', cid] as const) {
      await coordinator.announce(what, soon())
      await until(async () => (await found(node, what)).length > 0)
      expect(await found(node, what)).toEqual([coordinator.peer])
      expect(await found(coordinator, what)).toEqual([])
    }
  })

  test('breaks its streams when it goes', async () => {
    const [coordinator, node] = await pair()
    await using _b = node
    let broken = 0
    await coordinator.serve(echo, (pipe) => pipe.listen({ ...deaf, closed: () => broken++ }))
    const answer = await node.open(coordinator.peer, echo, soon())
    if (!answer.ok) throw new Error(answer.refusal.detail)
    answer.value.listen({ ...deaf, closed: () => broken++ })
    await coordinator[Symbol.asyncDispose]()
    await until(() => broken === 2)
    expect(await node.open(coordinator.peer, echo, soon())).toMatchObject({ ok: false })
  })
})

const deaf = { data: () => {}, drained: () => {}, ended: () => {}, closed: () => {} }

async function found(mesh: Mesh, what: 'coordinator' | Cid): Promise<PeerId[]> {
  const peers: PeerId[] = []
  for await (const { peer } of mesh.find(what, soon())) peers.push(peer as PeerId)
  return peers
}

function echoed(pipe: Pipe, said: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    pipe.listen({
      ...deaf,
      data: (bytes) => {
        answer += Buffer.from(bytes).toString()
      },
      ended: () => resolve(answer),
    })
    pipe.send(Buffer.from(said))
    pipe.close()
  })
}
