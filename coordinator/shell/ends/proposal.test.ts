import {
  accept,
  type ChainId,
  type CoordinatorId,
  checkpointDocument,
  digestText,
  open,
  type Seal,
  sealDocument,
  sha256,
  sign,
  signPart,
} from '@nexapod/specs'
import { expect, test } from 'vitest'
import { keyNamed, noon } from '../../test/cast.ts'
import { valued } from '../../test/scripted-mesh.ts'
import { Proposal } from './proposal.ts'
import type { SealQuestion } from './voter.ts'

const keys = ['ann', 'bob', 'cat', 'dan'].map((name) => keyNamed(name))
const [ann, bob, cat, dan] = keys.map(({ id }) => id as CoordinatorId) as [Id, Id, Id, Id]
type Id = CoordinatorId

function rosterOf(...members: readonly Id[]) {
  return { members: members.map((coordinator) => ({ coordinator, addresses: [] })), quorum: 2 }
}

test('an epoch is ended by the roster where it is cut, whatever comes later', async () => {
  const digest = digestText(sha256(Uint8Array.of(1)))
  const chain = digest as unknown as ChainId
  const [before, after] = [rosterOf(ann, bob, cat), rosterOf(ann, bob, dan)]
  const ending = {
    ...{ chain, epoch: 0, writer: ann, electorate: after },
    electorateAt: async (size: number) => accept(size <= 9 ? before : after),
  }
  const says = { v: 1 as const, chain, epoch: 0, size: 9, coordinator: ann, time: noon }
  const [writer] = keys as [(typeof keys)[number]]
  const roots = { root: digest, head: digest, state: digest }
  const checkpoint = sign(checkpointDocument, { ...says, ...roots }, writer)
  const asked = new Set<Id>()
  const ask = async (member: Id, question: SealQuestion) => {
    asked.add(member)
    if (question.type === 'seal') {
      const signer = keys.find(({ id }) => id === member) ?? writer
      const signature = signPart(sealDocument, question.seal as Seal, signer)
      return accept({ type: 'signature' as const, signature })
    }
    const ballot = { number: 1, by: bob }
    const cut = 'cut' in question ? question.cut : undefined
    const pledge = { ballot, ...(cut && { took: { ballot, cut } }) }
    const stand = { checkpoint, cosignatures: [] }
    return accept({ type: 'promised' as const, pledge, stand })
  }
  const ground = { id: bob, ask, wall: () => noon, isForked: false }
  const proposed = await new Proposal(ground, ending, 1).make()
  if (proposed.type !== 'sealed') throw new Error(proposed.why)
  const seal = valued(open(sealDocument, proposed.seal))
  expect([seal.size, seal.signers]).toEqual([9, [bob, cat].sort()])
  expect(asked.has(ann)).toBe(false)
})
