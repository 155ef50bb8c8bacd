import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import type { NodeId } from '../../specs/index.ts'
import { missing } from '../config.ts'
import { MeshHere, type NodeProcess } from './mesh-here.ts'

async function idOf(node: NodeProcess): Promise<NodeId> {
  const { node: id } = await node.tells('opening')
  return id as NodeId
}

test('two nodes compute a job over a real mesh, agree on all and are paid alike', async () => {
  await using mesh = await MeshHere.open()
  const job = await mesh.publishPi(5, 200_000)
  const nodes = [mesh.start('ann'), mesh.start('bob')]
  expect(await mesh.ended(job)).toBe('final')
  const verdicts = await mesh.factsOf('verdict')
  expect(verdicts.map(({ unit }) => unit).sort()).toEqual([0, 1, 2, 3, 4])
  for (const { decided } of verdicts) {
    expect(decided).toMatchObject({ type: 'accepted', outcome: { ended: { code: 0 } } })
  }
  const earned = await Promise.all(nodes.map(async (node) => mesh.earned(await idOf(node))))
  expect(earned[0]).toBeGreaterThan(0)
  expect(earned[1]).toBe(earned[0])
  // Told to end, both do so with nothing left to do.
  expect(await Promise.all(nodes.map((node) => node.end('SIGTERM')))).toEqual([0, 0])
})

test('a node of the mesh’s own and a stranger decide what asks for no quorum', async () => {
  await using mesh = await MeshHere.open()
  await mesh.claim('ann')
  const job = await mesh.publishPi(3, 200_000, null)
  const [ann, bob] = [mesh.start('ann'), mesh.start('bob')]
  expect(await mesh.ended(job)).toBe('final')
  const passed = await Promise.all([ann, bob].map(idOf))
  const verdicts = await mesh.factsOf('verdict')
  for (const { decided } of verdicts) expect(decided).toMatchObject({ agreeing: { length: 2 } })
  expect(verdicts).toHaveLength(3)
  const [delegated] = await mesh.factsOf('delegation')
  expect(delegated).toBeDefined()
  // What the stranger earned is its own, and not a bond: the mesh's own node vouches for it.
  expect(await mesh.earned(passed[1] as NodeId)).toBeGreaterThan(0)
  expect(await mesh.earned(passed[0] as NodeId)).toBe(0)
})

test('a node that is killed goes on with what it held, and nothing is paid twice', async () => {
  await using mesh = await MeshHere.open()
  const job = await mesh.publishPi(4, 20_000_000)
  const ann = mesh.start('ann')
  mesh.start('bob')
  const { key } = await ann.tells('executing')
  await ann.end('SIGKILL')
  const again = mesh.start('ann')
  expect(await mesh.ended(job)).toBe('final')
  // What it was at when it was killed it began anew, under the same lease.
  expect(again.told).toContainEqual(expect.objectContaining({ type: 'executing', key }))
  const earnings = (await mesh.factsOf('transfer')).filter(({ purpose }) => purpose.type === 'earn')
  expect(earnings).toHaveLength(8)
})

test('a node that is told to end finishes what it runs, and delivers it', async () => {
  await using mesh = await MeshHere.open()
  await mesh.publishPi(50, 20_000_000)
  const ann = mesh.start('ann')
  await ann.tells('executing')
  expect(await ann.end('SIGTERM')).toBe(0)
  const typesOf = (type: string) => ann.told.filter((one) => one.type === type).length
  expect(typesOf('acknowledged')).toBe(typesOf('sealed'))
  expect(typesOf('sealed')).toBeGreaterThan(0)
})

/** A network of its own, as a container has; `unshare` is of util-linux, and has to be root. */
const canUnshare = process.getuid?.() === 0 && spawnSync('unshare', ['-n', 'true']).status === 0

test.skipIf(missing('netns', canUnshare))(
  'a directory has one node, also where two containers share it',
  async () => {
    await using mesh = await MeshHere.open()
    const first = mesh.start('ann')
    await first.tells('opened')
    const second = mesh.start('ann', 'unshare', '-n')
    expect(await second.exit).toBe(1)
    expect(second.told).toEqual([])
  },
)

test('a node whose coordinator is gone ends when it is told to', async () => {
  await using mesh = await MeshHere.open()
  await mesh.publishPi(50, 2_000_000_000)
  const ann = mesh.start('ann')
  await ann.tells('executing')
  await mesh.leave()
  await ann.tells('lost')
  // It would finish what it runs, which takes long; told again, it does not.
  ann.signal('SIGTERM')
  expect(await ann.end('SIGINT')).toBe(0)
})
