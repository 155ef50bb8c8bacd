import { accounts, leaseDocument, type MeshId, open } from '@nexapod/specs'
import { afterAll, describe, expect, test } from 'vitest'
import {
  coordinatorIn,
  Folders,
  jobOf,
  listLog,
  targetOf,
  usualConfig,
  valued,
} from '../test/scripted-mesh.ts'
import { ScriptedNode } from '../test/scripted-node.ts'
import { openCoordinator } from './open.ts'

const folders = new Folders()
afterAll(() => folders.remove())

const right = { units: 4, says: () => 'right' }

describe('a coordinator among nodes', () => {
  test('two nodes agree on a job that was published, and both are paid and told', async () => {
    await using coordinator = await coordinatorIn(folders.next())
    const target = targetOf(coordinator)
    await using ann = await ScriptedNode.open('ann', target, right)
    await using bob = await ScriptedNode.open('bob', target, right)
    await ann.hello()
    await bob.hello()
    const { id, signed } = jobOf(coordinator.chain, 1)
    const published = valued(await ann.ask({ type: 'publish', job: signed }))
    expect(published.seq).toBeGreaterThan(0)
    for (const node of [ann, bob]) {
      await node.hears('welcome')
      await node.hears('acknowledge')
      await node.hears('decided')
      expect(node.unacknowledged.size).toBe(0)
    }
    const job = valued(await ann.ask({ type: 'job', job: id }))
    expect(job).toMatchObject({ units: 1, accepted: 1, dead: 0 })
    const seen = valued(await coordinator.view.job(id))
    expect(seen).toMatchObject({ accepted: 1, undecided: 0 })
    for (const node of [ann, bob]) {
      const { lease } = await node.hears('lease')
      const read = valued(open(leaseDocument, lease))
      const hold = accounts.hold(id, 0, read.slot)
      expect(valued(await coordinator.view.balance(hold))).toBe(2000)
    }
  })

  test('tells whoever breaks the protocol what is wrong, then ends the stream', async () => {
    await using coordinator = await coordinatorIn(folders.next())
    await using ann = await ScriptedNode.open('ann', targetOf(coordinator))
    for (const [message, code] of [
      [{ type: 'alive' }, 'node.unknown'],
      [ann.helloTo('0'.repeat(64) as MeshId), 'wire.mesh'],
    ] as const) {
      await ann.meet()
      ann.say(message)
      await ann.hears('refuse', ({ refusal }) => refusal.code === code)
      await ann.over
    }
  })

  test('begins again from what it kept at its end, and shows the same', async () => {
    const directory = folders.next()
    const { id, signed, ask, before } = await (async () => {
      await using coordinator = await coordinatorIn(directory)
      await using ann = await ScriptedNode.open('ann', targetOf(coordinator), right)
      await ann.hello()
      const job = jobOf(coordinator.chain, 1, { units: 3, quorum: 1 })
      valued(await ann.ask({ type: 'publish', job: job.signed }))
      await ann.until(() => ann.decided.size === 3)
      const { ask } = coordinator
      return { ...job, ask, before: valued(await coordinator.view.status()) }
    })()
    // Whoever asks too late is told to go elsewhere.
    const late = await ask({ type: 'publish', job: signed }, new AbortController().signal)
    expect(late).toMatchObject({ type: 'refuse', refusal: { code: 'wire.closing' } })
    const log = listLog()
    await using again = await coordinatorIn(directory, { log })
    const { chain, mesh, size } = valued(await again.view.status())
    expect({ chain, mesh }).toEqual({ chain: before.chain, mesh: before.mesh })
    expect(size).toBeGreaterThan(before.size)
    expect(valued(await again.view.job(id))).toMatchObject({ units: 3, accepted: 3 })
    const recovered = log.lines.find(({ what }) => what === 'recovered')
    expect(recovered?.facts).toMatchObject({ entries: before.size })
    // What was published once is the same answer again.
    const answer = await again.ask({ type: 'publish', job: signed }, new AbortController().signal)
    expect(answer).toMatchObject({ type: 'done' })
    const other = await openCoordinator({ ...usualConfig(directory), log })
    expect(other).toMatchObject({ ok: false, refusal: { code: 'ledger.locked' } })
  })
})
