import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jobOf, valued } from '../../coordinator/test/scripted-mesh.ts'
import { ScriptedNode, type Target } from '../../coordinator/test/scripted-node.ts'
import { welcomed } from '../../coordinator/test/welcomed.ts'
import {
  beaconDocument,
  type ChainId,
  checkpointDocument,
  limits,
  open,
} from '../../specs/index.ts'
import { flipBits } from '../chaos/damage.ts'
import { type MemberProcess, meshOfThree } from './mesh-of-three.ts'

const units = 1000
const script = { units: 32, says: () => 'right' }

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nexapod-failover-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

/** Whoever of them adopts a chain first. */
async function successor(members: readonly MemberProcess[], withinMs: number, from: number) {
  return await Promise.any(
    members.map(async (member) => ({ member, line: await member.logs('adopted', withinMs, from) })),
  )
}

/** The beacon of whoever writes a chain, asked of one who may. */
async function epochAt(node: ScriptedNode, target: Target, chain: ChainId): Promise<number> {
  await node.hello({ ...target, chain })
  const answer = await node.ask({ type: 'beacon', chain })
  const beacon = answer.ok ? open(beaconDocument, answer.value.beacon) : answer
  return beacon.ok ? beacon.value.epoch : -1
}

test('one that stood still finds itself sealed; who goes on does so after a restart', async () => {
  const members = await meshOfThree(join(directory, 'still'), ['kim', 'lea', 'mia'])
  await using stack = new AsyncDisposableStack()
  for (const member of members) stack.use(member)
  await Promise.all(members.map((member) => member.begin()))
  const [kim, ...others] = members as [MemberProcess, ...MemberProcess[]]
  const { target, chain } = kim
  if (target === undefined || chain === undefined) throw new Error('kim has begun')
  await using ann = await ScriptedNode.open('ann', target, script)
  await welcomed(ann)
  valued(await ann.ask({ type: 'publish', job: jobOf(chain, 1, { quorum: 2 }).signed }))
  const stoppedAt = Date.now()
  kim.signal('SIGSTOP')
  const { member } = await successor(others, 40_000, stoppedAt)
  const wokenAt = Date.now()
  kim.signal('SIGCONT')
  await kim.logs('begins anew', 60_000, wokenAt)
  expect((await kim.served(60_000, (said) => said.chain !== chain)).coordinator).toBeDefined()
  // However long a busy machine takes for this, the others do not find that it is away.
  const rest = members.filter((one) => one !== member)
  for (const one of rest) one.signal('SIGSTOP')
  await member.kill()
  await member.begin()
  for (const one of rest) one.signal('SIGCONT')
  const { target: there } = member
  if (there === undefined) throw new Error(`${member.name} has begun`)
  await expect.poll(() => epochAt(ann, there, chain)).toBe(1)
})

describe('a coordinator that is killed with units open', () => {
  test('is sealed, another goes on with its jobs, and it comes back as a follower', async () => {
    const members = await meshOfThree(join(directory, 'mesh'), ['kim', 'lea', 'mia'])
    await using stack = new AsyncDisposableStack()
    for (const member of members) stack.use(member)
    await Promise.all(members.map((member) => member.begin()))
    const [kim, ...others] = members as [MemberProcess, ...MemberProcess[]]
    const target = kim.target
    const chain = kim.chain
    if (target === undefined || chain === undefined) throw new Error('kim has begun')
    await using ann = await ScriptedNode.open('ann', target, script)
    await using bob = await ScriptedNode.open('bob', target, script)
    await welcomed(ann)
    await welcomed(bob)
    const { id, signed } = jobOf(chain, 1, { units, quorum: 2 })
    valued(await ann.ask({ type: 'publish', job: signed }))
    await ann.until(() => ann.decided.size >= units / 10)
    const killedAt = Date.now()
    await kim.kill()
    const { member, line } = await successor(others, 40_000, killedAt)
    const sealedMs = line.at - killedAt
    expect(sealedMs).toBeLessThan(30_000)
    if (member.target === undefined) throw new Error(`${member.name} has begun`)
    const there = { ...member.target, chain }
    for (const node of [ann, bob]) {
      await welcomed(node, there, ({ epoch }) => epoch === 1)
      node.holdAgain()
      node.deliverKept()
    }
    for (const node of [ann, bob]) await node.until(() => node.decided.size >= units)
    const state = valued(await ann.ask({ type: 'job', job: id }))
    expect(state).toMatchObject({ accepted: units, dead: 0 })
    const verifiedMs = Date.now() - killedAt
    expect(verifiedMs).toBeLessThan(60_000)
    process.stdout.write(`sealed after ${sealedMs} ms, all verified after ${verifiedMs} ms\n`)
    // Its disk was damaged meanwhile, and what is left there is another history than what counts.
    await flipBits(join(directory, 'mesh', 'kim', 'ledger'), 1)
    const backAt = Date.now()
    await kim.begin()
    await kim.logs('put aside', 60_000, backAt)
    const anew = await kim.served(60_000, (said) => said.chain !== chain)
    await ann.hello(anew)
    // It has a chain of its own again, and follows the one that it had.
    expect(kim.chain).not.toBe(chain)
    await kim.logs('following', 60_000, backAt)
    for (;;) {
      const stand = await ann.ask({ type: 'stand', chain })
      const read = stand.ok ? open(checkpointDocument, stand.value.checkpoint) : stand
      if (read.ok && read.value.epoch === 1) break
      await new Promise((resolve) => setTimeout(resolve, limits.pauseMs))
    }
  })
})
