import {
  accept,
  type ChainId,
  type CoordinatorId,
  refuse,
  sealDocument,
  sign,
} from '@nexapod/specs'
import { afterAll, expect, test } from 'vitest'
import { keyNamed, noon } from '../../test/cast.ts'
import { Folders, listLog, valued } from '../../test/scripted-mesh.ts'
import { Memory } from './memory.ts'
import { SealedAway } from './sealed-away.ts'

const folders = new Folders()
afterAll(() => folders.remove())

test('all chains that were sealed away are found in one look, and their seals kept', async () => {
  const [kim, lea, mia] = ['kim', 'lea', 'mia']
    .map((name) => keyNamed(name))
    .sort((a, b) => (a.id < b.id ? -1 : 1)) as [Key, Key, Key]
  const members = [kim, lea, mia].map((key) => ({ coordinator: idOf(key), addresses: [] }))
  const chains = ['a', 'b', 'c'].map((letter) => letter.repeat(64) as ChainId)
  const homes = chains.map((chain) => {
    const electorate = { members, quorum: 2 }
    const electorateAt = async () => accept(electorate)
    return { chain, epoch: 0, writer: idOf(kim), electorate, electorateAt }
  })
  const sealed = (chain: ChainId) => {
    const head = 'd'.repeat(64) as never
    const says = { v: 1 as const, chain, epoch: 0, size: 9, head, successor: idOf(lea) }
    const signers = [idOf(lea), idOf(mia)]
    return sign(sealDocument, { ...says, issued: noon, signers }, lea, mia)
  }
  await using memory = valued(await Memory.open(folders.next()))
  const lost: ChainId[] = []
  const away = new SealedAway(
    {
      ...{ own: idOf(kim), memory, log: listLog(), homes: () => homes },
      others: {
        keys: [idOf(lea), idOf(mia)],
        askAllAside: async (key, questions) => {
          if (key === idOf(mia)) return [refuse('wire.deadline')]
          return questions.map((question) => {
            if (!('chain' in question) || question.chain === chains[1]) {
              return refuse('ledger.unknown')
            }
            return accept({ type: 'sealed', seal: sealed(question.chain as ChainId) }) as never
          })
        },
      },
      lost: (chain) => lost.push(chain),
    },
    new AbortController().signal,
  )
  await away.look()
  expect(lost).toEqual([chains[0], chains[2]])
  expect(valued(await memory.seals()).map(({ chain }) => chain)).toEqual([chains[0], chains[2]])
})

type Key = ReturnType<typeof keyNamed>

function idOf({ id }: Key): CoordinatorId {
  return id as CoordinatorId
}
