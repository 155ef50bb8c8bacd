import {
  accept,
  type ChainId,
  type CoordinatorId,
  digestText,
  type Place,
  sealDocument,
  sha256,
  sign,
} from '@nexapod/specs'
import { expect, test } from 'vitest'
import { keyNamed, noon, usualRates } from '../../test/cast.ts'
import { listLog } from '../../test/scripted-mesh.ts'
import { machineTime } from '../time.ts'
import { Succession, type SuccessionGround } from './succession.ts'

test('who is told to go waits for the end of an adoption: its ledger is open', async () => {
  const digest = digestText(sha256(Uint8Array.of(1)))
  const chain = digest as unknown as ChainId
  const keys = ['ann', 'bob'].map((name) => keyNamed(name)).sort((a, b) => (a.id < b.id ? -1 : 1))
  const [own, writer] = keys.map(({ id }) => id as CoordinatorId) as [CoordinatorId, CoordinatorId]
  const members = [own, writer].map((coordinator) => ({ coordinator, addresses: [] }))
  const signers = [own, writer]
  const cut = { size: 3, head: digest, successor: own }
  const seal = sign(sealDocument, { v: 1, chain, epoch: 0, ...cut, issued: noon, signers }, ...keys)
  const governance = {
    ...{ mesh: digest as never, members, quorum: 2, rates: usualRates },
    ...{ revision: 0, prev: digest },
  }
  const governed = { governance, electorateAt: async () => accept(governance) }
  const known = { epoch: 0, writer, ...governed, size: 1, stood: undefined, cosigned: 0 }
  const adopting = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<number>()
  const gone = new AbortController()
  const succession = new Succession(
    {
      ...{ own, voting: {}, log: listLog(), homes: () => [], lost: () => {} },
      others: { keys: [] },
      memory: { seal: async () => ({ ok: true, value: seal }) },
      copies: () => ({
        ...{ chains: [chain], known: () => ({ ...known }) },
        holds: async (_: ChainId, { size }: Place) => known.size >= size,
      }),
      // A second goes by, and one entry more has come.
      time: {
        ...machineTime,
        after: (_: number, act: () => void) => {
          const timer = setImmediate(() => {
            known.size++
            act()
          })
          return () => clearImmediate(timer)
        },
      },
      adopt: () => {
        begun.resolve(known.size)
        return adopting.promise
      },
    } as unknown as SuccessionGround,
    gone.signal,
  )
  succession.begin()
  // What its seal counts was there before.
  expect(await begun.promise).toBe(3)
  gone.abort()
  let isOver = false
  const over = succession[Symbol.asyncDispose]().then(() => {
    isOver = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  expect(isOver).toBe(false)
  adopting.resolve()
  await over
})
