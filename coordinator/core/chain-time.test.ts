import { expect, test } from 'vitest'
import { Rig } from '../test/rig.ts'

test('where a clock was an hour ahead and is set back, credit settles in twice its time', () => {
  const rig = new Rig()
  rig.join('kim')
  rig.join('ann')
  rig.setBack(-3_600_000)
  const id = rig.publish()
  rig.deliverAll('ann')
  rig.deliverAll('kim')
  rig.setBack(3_600_000)
  const ended = { type: 'ended', job: id, as: 'final' }
  rig.pass(100_000)
  expect(rig.news).not.toContainEqual(ended)
  rig.pass(30_000)
  expect(rig.news).toContainEqual(ended)
})

test('the time of a chain is that of the wall again when the wall has caught up', () => {
  const rig = new Rig()
  rig.join('kim')
  rig.setBack(60_000)
  const times = Array.from({ length: 4 }, () => {
    rig.pass(40_000)
    rig.publish()
    return (rig.state.ledger.chain.tip?.time ?? 0) - rig.wall
  })
  expect(times).toEqual([40_000, 20_000, 0, 0])
})
