import { expect, test } from 'vitest'
import { kim, lou, max, writers } from '../test/cast.ts'
import { Rig } from '../test/rig.ts'

test('it dials two coordinators, and says hello with what it lends on each stream', () => {
  const rig = new Rig()
  expect(rig.all('dial')).toHaveLength(2)
  const [first, second] = rig.all('dial').map((dial) => {
    return writers.find((writer) => writer.id === dial.coordinator) ?? kim
  })
  rig.open(first ?? kim)
  expect(rig.saidOf('hello', first)).toMatchObject([{ offer: { units: 8 } }])
  rig.open(second ?? kim)
  expect(rig.saidOf('hello', second)).toMatchObject([{ offer: { units: 0 } }])
  void [lou, max]
})
