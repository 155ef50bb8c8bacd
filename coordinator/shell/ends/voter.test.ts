import { openStore } from '@nexapod/ledger/store'
import {
  accept,
  type ChainId,
  type CoordinatorId,
  type Cut,
  digestText,
  encode,
  limits,
  type MeshId,
  type Pledge,
  type Seal,
  sealDocument,
  sha256,
  sign,
  signedSchema,
} from '@nexapod/specs'
import { afterAll, describe, expect, test } from 'vitest'
import { keyNamed, noon, usualRates } from '../../test/cast.ts'
import { Folders, valued } from '../../test/scripted-mesh.ts'
import { Memory } from './memory.ts'
import { Proposal } from './proposal.ts'
import { type SealQuestion, Voter } from './voter.ts'

const folders = new Folders()
afterAll(() => folders.remove())

const [ann, bob, cat] = ['ann', 'bob', 'cat']
  .map((name) => keyNamed(name))
  .sort((a, b) => (a.id < b.id ? -1 : 1)) as [Key, Key, Key]
type Key = ReturnType<typeof keyNamed>
const idOf = ({ id }: Key) => id as CoordinatorId
const digestOf = (text: string) => digestText(sha256(new TextEncoder().encode(text)))
const chain = digestOf('a chain') as unknown as ChainId
const members = [ann, bob, cat].map((key) => ({ coordinator: idOf(key), addresses: [] }))
const electorate = { members, quorum: 2 }
const cutAt = (size: number): Cut => ({
  ...{ size, head: digestOf(`entry ${size}`), successor: idOf(bob) },
})

/** A member whose disk is one, and who follows the first epoch of a chain that nobody writes. */
async function memberAt(directory: string, others: readonly (Pledge | undefined)[] = [undefined]) {
  const memory = valued(await Memory.open(directory))
  const governance = {
    ...{ ...electorate, mesh: digestOf('a mesh') as unknown as MeshId, rates: usualRates },
    ...{ revision: 0, prev: digestOf('a mesh') },
  }
  const learnt: ChainId[] = []
  const voter = new Voter({
    signer: bob,
    memory,
    known: (of) => {
      if (of !== chain) return undefined
      const electorateAt = async () => accept(governance)
      const known = { epoch: 0, writer: idOf(ann), governance, electorateAt }
      return { ...known, size: 0, stood: undefined, cosigned: 0, isAtRest: async () => false }
    },
    learn: (of) => learnt.push(of),
    isHeard: () => false,
    isFrozen: () => false,
    doubted: async () => {},
    poll: async () => others,
    reach: async () => true,
    holds: async () => true,
  })
  return { memory, voter, learnt }
}

function sealBy(cut: Cut): Seal {
  const signers = [idOf(bob), idOf(cat)]
  return { v: 1, chain, epoch: 0, ...cut, issued: noon, signers }
}

describe('a member that is asked to end an epoch', () => {
  test('does not forget what it took because it is asked about an epoch to come', async () => {
    const { memory, voter } = await memberAt(folders.next())
    await using _ = memory
    const ask = (question: SealQuestion) => voter.answer(question, idOf(cat))
    const asked = { type: 'promise' as const, chain, epoch: 0, ballot: 1 }
    expect(valued(await ask({ ...asked, cut: cutAt(9) })).type).toBe('promised')
    const seal = { type: 'seal' as const, ballot: 1 }
    expect(valued(await ask({ ...seal, seal: sealBy(cutAt(9)) })).type).toBe('signature')
    await ask({ ...asked, epoch: 1 })
    await ask({ ...asked, cut: cutAt(7) })
    expect(await ask({ ...seal, seal: sealBy(cutAt(7)) })).toMatchObject({
      refusal: { code: 'chain.checkpoint' },
    })
  })

  test('follows the chain if it knows of none, as one whose disk is new', async () => {
    const { memory, voter, learnt } = await memberAt(folders.next())
    await using _ = memory
    const lost = digestOf('a chain before') as unknown as ChainId
    const question = { type: 'promise' as const, chain: lost, epoch: 0, ballot: 1 }
    expect(await voter.answer(question, idOf(cat))).toMatchObject({
      refusal: { code: 'ledger.unknown' },
    })
    expect(learnt).toEqual([lost])
  })

  test('that has lost its disk asks the others, and holds to what they promised', async () => {
    const ask = { type: 'promise' as const, chain, epoch: 0, ballot: 2 }
    {
      const { memory, voter } = await memberAt(folders.next(), [])
      await using _ = memory
      const answer = await voter.answer(ask, idOf(cat))
      expect(answer).toMatchObject({ ok: false, refusal: { code: 'ledger.unasked' } })
    }
    const ballot = { number: 3, by: idOf(cat) }
    const pledge = { ballot: { ...ballot, number: 5 }, took: { ballot, cut: cutAt(9) } }
    const { memory, voter } = await memberAt(folders.next(), [pledge])
    await using _ = memory
    const low = valued(await voter.answer({ ...ask, cut: cutAt(7) }, idOf(cat)))
    expect(low).toMatchObject({ type: 'promised', pledge })
    const high = valued(await voter.answer({ ...ask, ballot: 6 }, idOf(cat)))
    expect(high).toMatchObject({ pledge: { ballot: { number: 6 }, took: pledge.took } })
  })

  test('that has cosigned some of it has lost nothing, whatever one who lies tells', async () => {
    const ballot = { number: limits.entriesMax, by: idOf(cat) }
    const pledge = { ballot, took: { ballot, cut: cutAt(1) } }
    const { memory, voter } = await memberAt(folders.next(), [pledge])
    await using _ = memory
    const seen = { epoch: 0, size: 9, head: cutAt(9).head, root: digestOf('a root') }
    valued(await voter.see(chain, seen, 0))
    const ask = { type: 'promise' as const, chain, epoch: 0, ballot: 1 }
    const answer = valued(await voter.answer(ask, idOf(cat)))
    expect(answer).toMatchObject({ pledge: { ballot: { number: 1 } } })
    expect(answer).not.toHaveProperty('pledge.took')
  })

  test('takes no cut behind which nobody can go on', async () => {
    const { memory, voter } = await memberAt(folders.next())
    await using _ = memory
    const refused = async (cut: Cut) => {
      const asked = { type: 'promise' as const, chain, epoch: 0, ballot: 1, cut }
      expect(await voter.answer(asked, idOf(cat))).toMatchObject({
        refusal: { code: 'chain.roster' },
      })
    }
    await refused({ ...cutAt(9), successor: idOf(ann) })
    await refused({ ...cutAt(9), successor: keyNamed('a stranger').id as CoordinatorId })
  })

  test('goes no further than a step towards a ballot beyond which there are few', async () => {
    const { memory, voter } = await memberAt(folders.next())
    await using _ = memory
    const last = limits.entriesMax
    const question = { type: 'promise' as const, chain, epoch: 0, ballot: last }
    const answer = valued(await voter.answer(question, idOf(cat)))
    const number = answer.type === 'promised' ? answer.pledge?.ballot.number : undefined
    expect(number).toBe(limits.ballotStepMax)
  })

  test('is told of no ballot by one who lies that would be the last of all', async () => {
    const pledge = { ballot: { number: limits.entriesMax, by: idOf(cat) } }
    const ground = {
      ...{ id: idOf(bob), wall: () => noon, isForked: false },
      ask: async () => ({ ok: true as const, value: { type: 'promised' as const, pledge } }),
    }
    const electorateAt = async () => accept(electorate)
    const ending = { chain, epoch: 0, writer: idOf(ann), electorate, electorateAt }
    const proposed = await new Proposal(ground, ending, 3).make()
    expect(proposed).toMatchObject({ type: 'failed', highest: 2 + limits.ballotStepMax })
  })
})

describe('what is remembered', () => {
  test('of an epoch that was sealed is let go, although a crash came in between', async () => {
    const directory = folders.next()
    const seal = sign(sealDocument, sealBy(cutAt(7)), bob, cat)
    {
      await using store = valued(await openStore({ directory }))
      const [head, root] = [cutAt(9).head, digestOf('a root')]
      valued(await store.gate.see(chain, { epoch: 0, size: 9, head, root }))
      const key = new TextEncoder().encode(`seal/${chain}/0`)
      const value = encode(signedSchema(sealDocument, limits.rosterMax), seal)
      valued(await store.give([{ key, value }]))
    }
    await using memory = valued(await Memory.open(directory))
    valued(await memory.keepSeal(seal))
    expect(valued(await memory.seen(chain))).toMatchObject({ epoch: 1, size: 0 })
  })
})
