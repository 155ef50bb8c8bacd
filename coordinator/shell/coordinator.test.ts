import { accounts, leaseDocument, open } from '@nexapod/specs'
import { afterAll, describe, expect, test } from 'vitest'
import { coordinatorIn, Folders, jobOf, targetOf, valued } from '../test/scripted-mesh.ts'
import { ScriptedNode } from '../test/scripted-node.ts'

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
})
