import type { NodeId, OwnerId } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { noPlatforms, platformsAfter } from './job-platforms.ts'
import { judge } from './judge.ts'
import type { Vote } from './vote.ts'

/** Votes of strangers, by platform and what they say; what the first one says is accepted. */
function after(was = noPlatforms, ...some: readonly (readonly [platform: string, says: string])[]) {
  const votes = some.map(([platform, says], slot): Vote => {
    return {
      slot,
      node: `node-${slot}` as NodeId,
      owner: `owner-${slot}` as OwnerId,
      network: `10.0.${slot}`,
      platform,
      says,
      failed: false,
      vouched: 0,
      strikes: 0,
      own: false,
      referee: false,
      round: 0,
      standing: 'good',
    }
  })
  const says = some[0]?.[1] ?? ''
  const agreeing = votes.filter((vote) => vote.says === says).map(({ slot }) => slot)
  const accepted = { type: 'accepted', says, agreeing, audited: false } as const
  return platformsAfter(was, votes, judge(votes, accepted, was.proven))
}

test('two platforms that agree prove each other; one alone proves nothing', () => {
  expect(after(noPlatforms, ['x86', 'a'], ['x86', 'a'])).toBe(noPlatforms)
  const known = after(noPlatforms, ['x86', 'a'], ['arm', 'a'])
  expect([...known.proven]).toEqual(['x86', 'arm'])
  expect(after(known, ['x86', 'a'], ['arm', 'a'])).toBe(known)
})

test('a platform that was never right is put aside when it has been an excuse five times', () => {
  let known = after(noPlatforms, ['x86', 'a'], ['mac', 'a'])
  for (let i = 0; i < 4; i++) known = after(known, ['x86', 'a'], ['x86', 'a'], ['arm', `${i}`])
  expect(known.excused.get('arm')).toBe(4)
  expect(known.aside.size).toBe(0)
  known = after(known, ['x86', 'a'], ['x86', 'a'], ['arm', 'b'])
  expect([...known.aside]).toEqual(['arm'])
  expect([...known.proven]).toEqual(['x86', 'mac'])
})
