import { accept, type CoordinatorId, type MeshId, refuse } from '@nexapod/specs'
import { afterAll, describe, expect, test } from 'vitest'
import { keyNamed } from '../../test/cast.ts'
import { checkpointBy, Folders, listLog, valued } from '../../test/scripted-mesh.ts'
import { Chains } from '../chains.ts'
import { Memory } from '../ends/memory.ts'
import { machineTime as time } from '../time.ts'
import { learnerThreads } from './learner-threads.ts'
import { Witness } from './witness.ts'

const folders = new Folders()
afterAll(() => folders.remove())

const lea = keyNamed('lea')
const nothing = () => Promise.resolve()

describe('a witness', () => {
  test('signs nothing whose entries it has not learnt, and nothing of a stranger', async () => {
    await using threads = learnerThreads()
    await using memory = valued(await Memory.open(folders.next()))
    const ended = new AbortController()
    await using witness = new Witness(
      {
        directory: folders.next(),
        threads,
        mesh: {
          id: 'b'.repeat(64) as MeshId,
          on: () => () => {},
        },
        forks: { isFrozen: () => false, take: () => Promise.resolve(refuse('proof.false')) },
        evidence: { heard: nothing, inquire: nothing, pass: () => {} },
        others: {
          keys: [keyNamed('kim').id as CoordinatorId],
          open: () => Promise.resolve(refuse('wire.unreachable')),
        },
        ...{ memory, voter: { see: memory.see.bind(memory) } },
        chains: new Chains(),
        mirror: { admitted: () => {}, ended: () => {} },
        ...{ time, signer: lea, log: listLog(), isWritten: () => false },
        ...{ amended: () => {}, banned: () => {}, heard: () => {}, later: () => {} },
      },
      ended.signal,
    )
    using _ending = { [Symbol.dispose]: () => ended.abort() }
    const asked = (name: string) => {
      const question = {
        type: 'witness',
        checkpoint: checkpointBy(name),
        from: 0,
        path: [],
      } as const
      return witness.cosign(question, AbortSignal.timeout(200))
    }
    expect(await asked('kim')).toMatchObject({ ok: false, refusal: { code: 'wire.deadline' } })
    expect(await asked('max')).toMatchObject({ ok: false, refusal: { code: 'chain.roster' } })
    const ahead = { type: 'witness', checkpoint: checkpointBy('kim'), from: 2, path: [] } as const
    const behind = await witness.cosign(ahead, AbortSignal.timeout(200))
    expect(behind).toEqual(accept({ type: 'behind', size: 0 }))
  })
})
