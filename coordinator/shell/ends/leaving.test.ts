import { Changes, openFork } from '@nexapod/ledger'
import { answerCalls, openMesh } from '@nexapod/mesh'
import {
  type ChainId,
  type CoordinatorId,
  checkpointDocument,
  limits,
  open,
  refusalOf,
  sign,
} from '@nexapod/specs'
import { afterAll, expect, test } from 'vitest'
import { keyNamed, seedNamed } from '../../test/cast.ts'
import { ScriptedChain } from '../../test/scripted-chain.ts'
import { Folders, listLog, valued } from '../../test/scripted-mesh.ts'
import { machineTime as time } from '../time.ts'
import { ledgersIn } from './adoption.ts'
import { copiesIn, recalled } from './leaving.ts'

const folders = new Folders()
afterAll(() => folders.remove())

test('one that lies makes nobody follow more chains than one may have begun', async () => {
  const { mesh: id, founded, ...chain } = new ScriptedChain().grow(1)
  const says = valued(open(checkpointDocument, new ScriptedChain().grow(1).checkpoint()))
  const place = { mesh: id, listen: ['/ip4/127.0.0.1/tcp/0'], known: [], openFork, now: Date.now }
  await using lea = await openMesh({ ...place, seed: seedNamed('lea'), roster: [] })
  await lea.streams.serve('call', (channel) => {
    answerCalls(channel, async (question) => {
      if (question.type !== 'stand') return { type: 'refuse', refusal: refusalOf('ledger.unknown') }
      const checkpoint = sign(checkpointDocument, { ...says, chain: question.chain }, chain.signer)
      return { type: 'stand', checkpoint, cosignatures: [] }
    })
  })
  const own = keyNamed('kim').id as CoordinatorId
  const liar = { coordinator: keyNamed('lea').id as CoordinatorId, addresses: lea.addresses() }
  await using mesh = await openMesh({ ...place, seed: seedNamed('kim'), roster: [liar] })
  const { governance: three } = valued(Changes.begin(founded))
  const governance = { ...three, members: [liar] }
  const directory = folders.next()
  const all = await recalled(
    {
      ...{ directory, own, mesh, time, log: listLog() },
      line: { founding: founded, governance },
    },
    new Set<ChainId>(),
    new AbortController().signal,
  )
  expect(all.size).toBe(limits.chainsOfOneMax)
  expect(await copiesIn(ledgersIn(directory).copies)).toHaveLength(limits.chainsOfOneMax)
})
