import {
  type Answer,
  type AnswerMessage,
  accept,
  type ChainId,
  type CoordinatorId,
  digestText,
  refuse,
  type Seal,
  type Signer,
  sealDocument,
  sha256,
  sign,
} from '@nexapod/specs'
import { afterAll, describe, expect, test } from 'vitest'
import { keyNamed, noon, standShown } from '../../test/cast.ts'
import { Folders, valued } from '../../test/scripted-mesh.ts'
import { type BegunGround, hasBegun, isRemembered } from './begun.ts'
import { Memory } from './memory.ts'

const folders = new Folders()
afterAll(() => folders.remove())

const digest = digestText(sha256(Uint8Array.of(1)))
const chain = digest as unknown as ChainId
const other = digestText(sha256(Uint8Array.of(2))) as unknown as ChainId
const keys = ['ann', 'bob', 'cat'].map((name) => keyNamed(name))
keys.sort((a, b) => (a.id < b.id ? -1 : 1))
const members = keys.map(({ id }) => ({ coordinator: id as CoordinatorId, addresses: [] }))
const [own, successor, third] = keys.map(({ id }) => id as CoordinatorId) as [
  CoordinatorId,
  CoordinatorId,
  CoordinatorId,
]
const governance = { members, quorum: 2 } as unknown as Parameters<typeof hasBegun>[1]['governance']

function sealTo(successor: CoordinatorId): Seal {
  const signers = keys.map(({ id }) => id as CoordinatorId)
  return { v: 1, chain, epoch: 0, size: 3, head: digest, successor, issued: noon, signers }
}

type Says = Answer<AnswerMessage>
const nothing: Says = accept({ type: 'promised' })
const away: Says = refuse('wire.unreachable')
const gone = new AbortController().signal

/** What a member says who shows some of an epoch. */
function shown(by: CoordinatorId, { epoch = 1, of = chain } = {}): Says {
  const [key] = keys.filter(({ id }) => id === by)
  return standShown(key as Signer, of, epoch)
}

/** What a member says who knows the end of the next epoch. */
function ended(epoch: number, signers: readonly Signer[]): Says {
  const listed = signers.map(({ id }) => id as CoordinatorId)
  const seal = { ...sealTo(third), epoch, size: 9, signers: listed }
  return accept({ type: 'sealed', seal: sign(sealDocument, seal, ...signers) })
}

describe('whether the epoch behind a seal has begun', () => {
  /** What is found by a member that keeps the seal, by what each of the others says. */
  async function found(to: CoordinatorId, says: Says, seen = 0) {
    await using memory = valued(await Memory.open(folders.next()))
    valued(await memory.keepSeal(sign(sealDocument, sealTo(to), ...keys)))
    const cosigned = { epoch: 1, size: seen, head: digest, root: digest }
    if (seen > 0) valued(await memory.see(chain, cosigned))
    const others = { askAside: async () => says } as unknown as BegunGround['others']
    return await hasBegun({ own, others, memory }, { governance }, sealTo(to), gone)
  }

  test('is known of others, for a member that is to remind', async () => {
    expect(await found(successor, nothing)).toBe(false)
    expect(await found(successor, shown(successor))).toBe(true)
    expect(await found(successor, away)).toBeUndefined()
    expect(await found(successor, nothing, 5)).toBe(true)
  })

  test('is known of others, for the successor itself', async () => {
    expect(await found(own, nothing)).toBe(false)
    expect(await found(own, shown(own))).toBe(true)
    expect(await found(own, ended(1, keys))).toBe(true)
    expect(await found(own, away)).toBeUndefined()
  })

  test('is not known of who says it and shows nothing', async () => {
    const ballot = { number: 1, by: third }
    const lies: readonly Says[] = [
      accept({ type: 'promised', cosigned: 5 }),
      accept({ type: 'promised', pledge: { ballot } }),
      shown(third),
      shown(own, { epoch: 0 }),
      shown(own, { of: other }),
      ended(1, keys.slice(0, 1)),
      ended(0, keys),
      refuse('ledger.sealed'),
    ]
    for (const lie of lies) expect(await found(own, lie)).toBeUndefined()
  })
})

test('who signed a seal remembers that, and who lost its disk does not', async () => {
  const directory = folders.next()
  const { size, head } = sealTo(own)
  const cut = { size, head, successor: own }
  const pledge = { ballot: { number: 1, by: third } }
  {
    await using memory = valued(await Memory.open(directory))
    valued(await memory.keepVow(chain, { epoch: 0, pledge }))
    expect(await isRemembered(memory, sealTo(own))).toBe(false)
    valued(await memory.keepVow(chain, { epoch: 0, pledge, signed: cut }))
    valued(await memory.keepSeal(sign(sealDocument, sealTo(own), ...keys)))
  }
  await using memory = valued(await Memory.open(directory))
  expect(await isRemembered(memory, sealTo(own))).toBe(true)
  expect(await isRemembered(memory, sealTo(third))).toBe(false)
  await using another = valued(await Memory.open(folders.next()))
  expect(await isRemembered(another, sealTo(own))).toBe(false)
})
