import { balanceOf } from '@nexapod/ledger'
import { accounts, type OwnerId } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { keyNamed } from '../test/cast.ts'
import { Rig } from '../test/rig.ts'

const ownerOf = (name: string) => accounts.owner(keyNamed(name).id as OwnerId)

test('a unit that the own node and another agree on is accepted, settled, and its job ends', () => {
  const rig = new Rig()
  rig.join('kim')
  rig.join('ann')
  const id = rig.publish()
  expect(rig.leases('kim').length + rig.leases('ann').length).toBe(2)
  rig.deliverAll('ann')
  rig.deliverAll('kim')
  expect(rig.news).toContainEqual({ type: 'decided', job: id, unit: 0, as: 'accepted' })
  rig.pass(70_000)
  expect(rig.news).toContainEqual({ type: 'ended', job: id, as: 'final' })
  expect(balanceOf(rig.state.ledger.state, ownerOf('kim'))).toBe(2000)
  expect(balanceOf(rig.state.ledger.state, ownerOf('ann'))).toBe(0)
})
