import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cidOf, sha256 } from '@nexapod/specs'
import { afterAll, expect, test, vi } from 'vitest'
import { outputOf } from '../../test/cast.ts'
import { coordinatorIn, Folders, jobOf, targetOf, valued } from '../../test/scripted-mesh.ts'
import { ScriptedNode } from '../../test/scripted-node.ts'
import { notedIn } from './noted.ts'

const folders = new Folders()
afterAll(() => folders.remove())

const patience = { timeout: 20_000, interval: 400 }
const lost = { units: 1, says: () => 'right', lost: true }

test('what nobody had before a restart is asked for after it', async () => {
  const directory = folders.next()
  const signal = AbortSignal.timeout(50_000)
  const given = outputOf(0, 'right')
  const wanted = {
    ...{ root: cidOf('raw', sha256(given)), bytesMax: 1024 },
    ...{ gateways: [], only: true, signal },
  }
  {
    await using coordinator = await coordinatorIn(directory)
    await using ann = await ScriptedNode.open('ann', targetOf(coordinator), lost)
    await ann.hello()
    let jobs = 0
    const publish = async () => {
      const { signed } = jobOf(coordinator.chain, ++jobs, { quorum: 1 })
      valued(await ann.ask({ type: 'publish', job: signed }))
    }
    await publish()
    await ann.hears('acknowledge')
    await vi.waitFor(async () => {
      // More entries make the keeper write down how far it is.
      await publish()
      const { size, missing } = notedIn(await readFile(join(directory, 'kept'), 'utf8'), 1000)
      expect(missing[0]).toBeLessThan(size)
    }, patience)
  }
  await using again = await coordinatorIn(directory)
  await using ann = await ScriptedNode.open('ann', targetOf(again), lost)
  ann.keep(given)
  await ann.hello()
  await using bob = await ScriptedNode.open('bob', targetOf(again), lost)
  await bob.hello()
  await vi.waitFor(async () => {
    valued(await bob.mesh.data.fetch({ ...wanted, peers: [again.id] }))
  }, patience)
})

test('a note that says nothing of this chain is none', () => {
  const nothing = { size: 0, missing: [] }
  for (const text of ['', '{', '7', 'null', '{"size":3}', '{"size":9,"missing":[]}']) {
    expect(notedIn(text, 8)).toEqual(nothing)
  }
  expect(notedIn('{"size":8,"missing":[3,8,-1,"x",0.5]}', 8)).toEqual({ size: 8, missing: [3] })
})
