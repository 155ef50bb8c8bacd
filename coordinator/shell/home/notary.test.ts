import { type CoordinatorId, checkpointDocument, open } from '@nexapod/specs'
import { afterAll, test } from 'vitest'
import { keyNamed, noon } from '../../test/cast.ts'
import { ScriptedChain } from '../../test/scripted-chain.ts'
import { Folders, listLog, valued } from '../../test/scripted-mesh.ts'
import { machineTime as time } from '../time.ts'
import { Notary } from './notary.ts'

const folders = new Folders()
afterAll(() => folders.remove())

test('what a member signs itself about a chain keeps nobody from signing that', async () => {
  const right = new ScriptedChain().grow(4)
  await using feed = await right.feed(folders.next())
  const liar = keyNamed('lea')
  const says = valued(open(checkpointDocument, right.checkpoint()))
  const lie = { ...says, coordinator: liar.id as CoordinatorId, size: 1000 }
  const gone = new AbortController()
  await using notary = new Notary(
    {
      ...{ feed, signer: right.signer, time, log: listLog() },
      sequence: { hold: async () => undefined, happen: () => {}, state: undefined as never },
      others: { keys: [], ask: async () => undefined as never, seen: async () => [lie] },
      kept: async () => {},
      covered: () => {},
      publish: async () => {},
      isFrozen: () => false,
      doubted: async () => {},
    },
    gone.signal,
  )
  valued(await notary.begin())
  gone.abort()
  const { state } = says
  valued(await feed.store.gate.checkpoint(right.signer, { state, time: noon }))
})
