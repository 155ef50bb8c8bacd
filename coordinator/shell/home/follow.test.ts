import { Ledger, stateRoot } from '@nexapod/ledger'
import { follow, machineClock } from '@nexapod/mesh'
import { type Checkpoint, checkpointDocument, limits, open, type ToFollower } from '@nexapod/specs'
import { afterAll, describe, expect, test } from 'vitest'
import { coordinatorIn, Folders, jobOf, targetOf, valued } from '../../test/scripted-mesh.ts'
import { ScriptedNode } from '../../test/scripted-node.ts'

const folders = new Folders()
afterAll(() => folders.remove())

describe('who follows a coordinator', () => {
  test('folds its entries as they come, and finds just what its checkpoints say', async () => {
    await using home = await coordinatorIn(folders.next())
    await using ann = await ScriptedNode.open('ann', targetOf(home), {
      units: 8,
      says: () => 'right',
    })
    await ann.hello()
    const ledger = new Ledger(open)
    const found: Checkpoint[] = []
    const ended = new AbortController()
    const units = 20
    const take = async (messages: readonly ToFollower[]) => {
      for (const message of messages) {
        if (message.type === 'entry') valued(ledger.take(message.entry))
        if (message.type !== 'checkpoint') continue
        const checkpoint = valued(ledger.chain.check(message.checkpoint))
        expect(checkpoint.state).toBe(stateRoot(ledger.state))
        found.push(checkpoint)
        if (ledger.state.jobs.get(id)?.undecided === 0) ended.abort()
      }
      return undefined
    }
    const { id, signed } = jobOf(home.chain, 1, { units, quorum: 1 })
    const following = follow(
      home.chain,
      0,
      {
        clock: machineClock,
        draw: () => 0,
        dial: async (signal) => {
          valued(await ann.mesh.dial(home.id, home.addresses(), signal))
          return await ann.mesh.streams.open('follow', home.id, signal)
        },
        take,
      },
      ended.signal,
    )
    valued(await ann.ask({ type: 'publish', job: signed }))
    expect(await following).toBeUndefined()
    expect(found.length).toBeGreaterThan(0)
    // What was followed can be proved, and read again from any entry on.
    const last = found.at(-1) as Checkpoint
    const { chain, epoch, size } = last
    const proof = valued(await ann.ask({ type: 'prove', chain, epoch, size, seq: 1 }))
    expect(proof.path.length).toBeGreaterThan(0)
    valued(await ann.ask({ type: 'extend', chain, epoch, size, from: 1 }))
    const stand = valued(await ann.ask({ type: 'stand', chain }))
    expect(valued(open(checkpointDocument, stand.checkpoint)).size).toBeGreaterThanOrEqual(size)
    const read: number[] = []
    const enough = AbortSignal.timeout(limits.answerMs)
    for await (const entries of home.view.entries(2, enough)) {
      read.push(...valued(entries).map(({ seq }) => seq))
      if (read.length >= size - 2) break
    }
    expect(read).toEqual(read.map((_, i) => i + 2))
  })
})
