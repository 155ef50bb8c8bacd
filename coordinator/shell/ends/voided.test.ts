import type { Governance } from '@nexapod/ledger'
import {
  type ChainId,
  type CoordinatorId,
  type Cut,
  checkpointDocument,
  digestText,
  leastQuorum,
  type MeshId,
  sha256,
  sign,
} from '@nexapod/specs'
import { expect, test } from 'vitest'
import { keyNamed, noon, usualRates } from '../../test/cast.ts'
import { type Around, epoch, Member } from '../../test/sealing-member.ts'

const digestOf = (text: string) => digestText(sha256(new TextEncoder().encode(text)))
const chain = digestOf('a chain') as unknown as ChainId
const headAt = (size: number) => digestOf(`entry ${size}`)
const cutAt = (size: number, { id }: Member): Cut => {
  return { size, head: headAt(size), successor: id }
}

/** Four of whom three are a quorum. What happens, and in which order, is said by the test. */
function fourMembers() {
  const keys = ['writer', 'ann', 'bob', 'cat'].map(keyNamed)
  const [writer, ...others] = keys as [Key, Key, Key, Key]
  const members = [writer, ...others].map(({ id }) => {
    return { coordinator: id as CoordinatorId, addresses: [] }
  })
  const governance: Governance = {
    ...{ mesh: headAt(0) as unknown as MeshId, members, quorum: leastQuorum(4) },
    ...{ rates: usualRates, revision: 0, prev: headAt(0) },
  }
  const all: Member[] = []
  const around: Around = {
    ...{ draw: () => 0, writer: writer.id as CoordinatorId, governance },
    ...{ writerIsUp: true, turn: async () => {} },
    reach: async (by, { size }) => (by.disk.stood?.size ?? 0) >= size,
    poll: async (by) => {
      const asked = all.filter((one) => one !== by)
      const told = await Promise.all(
        asked.map((one) => one.voter.answer({ type: 'sealed', chain, epoch }, by.id)),
      )
      return told.flatMap((answer) => {
        return answer.ok && answer.value.type === 'promised' ? [answer.value.pledge] : []
      })
    },
  }
  all.push(...others.map((key) => new Member(around, key)))
  const stands = (member: Member, size: number) => {
    const says = {
      ...{ v: 1 as const, chain, epoch, size, coordinator: around.writer, time: noon },
      ...{ root: headAt(size), head: headAt(size), state: headAt(size) },
    }
    member.disk.stood = { size, checkpoint: sign(checkpointDocument, says, writer) }
  }
  return { members: all as [Member, Member, Member], stands }
}

type Key = ReturnType<typeof keyNamed>

test('who took a shorter cut and was set free helps to cut nothing off', async () => {
  const { members, stands } = fourMembers()
  const [ann, bob, cat] = members
  const cosigns = async (member: Member, size: number, cosigned: number) => {
    if ((member.disk.stood?.size ?? 0) < size) stands(member, size)
    const seen = { epoch, size, head: headAt(size), root: headAt(size) }
    return (await member.voter.see(chain, seen, cosigned)).ok
  }
  const promises = async (member: Member, by: Member, ballot: number, cut?: Cut) => {
    const asked = { type: 'promise' as const, chain, epoch, ballot, ...(cut && { cut }) }
    const answer = await member.voter.answer(asked, by.id)
    const pledge = answer.ok && answer.value.type === 'promised' ? answer.value.pledge : undefined
    return cut === undefined
      ? pledge?.ballot.number === ballot
      : pledge?.took?.ballot.number === ballot && pledge.took.cut.size === cut.size
  }
  const hear = (...hearers: Member[]) => {
    for (const member of members) member.isApart = !hearers.includes(member)
  }
  for (const member of members) expect(await cosigns(member, 5, 0)).toBe(true)
  // The writer is silent. Ann would end the epoch at 5, and her last words are lost.
  hear()
  for (const member of members) expect(await promises(member, ann, 1)).toBe(true)
  expect(await promises(ann, ann, 1, cutAt(5, ann))).toBe(true)
  // It is back, and a quorum cosigns 7 without her.
  hear(bob, cat)
  expect([await cosigns(bob, 7, 5), await cosigns(cat, 7, 5)]).toEqual([true, true])
  for (const member of [bob, cat]) stands(member, 8)
  // It is silent again: Bob would end the epoch at 8.
  hear()
  for (const member of members) expect(await promises(member, bob, 2)).toBe(true)
  expect(await promises(bob, bob, 2, cutAt(8, bob))).toBe(true)
  // Cat hears it once more, before she is asked to take that.
  hear(ann, cat)
  expect(await cosigns(cat, 10, 7)).toBe(true)
  expect(await promises(cat, bob, 2, cutAt(8, bob))).toBe(false)
  // Ann is shown that a quorum was beyond her cut, and helps to another one.
  expect([await cosigns(ann, 7, 7), await cosigns(ann, 10, 7)]).toEqual([true, true])
  expect(await promises(ann, bob, 2, cutAt(8, bob))).toBe(false)
  const signers = members.map(({ id }) => id).sort()
  const seal = { v: 1 as const, chain, epoch, ...cutAt(8, bob), issued: noon, signers }
  const signed = await Promise.all(
    members.map(({ voter }) => voter.answer({ type: 'seal', ballot: 2, seal }, bob.id)),
  )
  expect(signed.map(({ ok }) => ok)).toEqual([false, true, false])
})
