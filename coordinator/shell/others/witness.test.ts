import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { accept, type ChainId, type CoordinatorId, type MeshId, refuse } from '@nexapod/specs'
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

/** One that reaches nobody. */
async function opened(directory: string, isWritten = false) {
  const stack = new AsyncDisposableStack()
  const threads = stack.use(learnerThreads())
  const memory = stack.use(valued(await Memory.open(folders.next())))
  const ended = new AbortController()
  const witness = new Witness(
    {
      ...{ directory, threads },
      mesh: {
        id: 'b'.repeat(64) as MeshId,
        on: () => () => {},
      },
      forks: { isFrozen: () => false, take: () => Promise.resolve(refuse('proof.false')) },
      evidence: { heard: nothing, inquire: nothing, doubted: nothing, pass: () => {} },
      others: {
        keys: [keyNamed('kim').id as CoordinatorId],
        open: () => Promise.resolve(refuse('wire.unreachable')),
      },
      ...{ memory, voter: { see: memory.see.bind(memory) } },
      chains: new Chains(),
      mirror: { admitted: () => {}, ended: () => {} },
      ...{ time, signer: lea, log: listLog(), isWritten: () => isWritten },
      ...{ amended: () => {}, banned: () => {}, heard: () => {}, later: () => {} },
    },
    ended.signal,
  )
  stack.use(witness)
  stack.defer(() => ended.abort())
  return { witness, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

describe('a witness', () => {
  test('signs nothing whose entries it has not learnt, and nothing of a stranger', async () => {
    await using place = await opened(folders.next())
    const { witness } = place
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

  test('follows no copy of a chain that is written here, where one was left', async () => {
    const directory = folders.next()
    const chain = 'c'.repeat(64) as ChainId
    await mkdir(join(directory, chain), { recursive: true })
    for (const isWritten of [true, false]) {
      await using place = await opened(directory, isWritten)
      place.witness.begin()
      expect((await place.witness.feedOf(chain)) === undefined).toBe(isWritten)
    }
  })
})
