import { describe, expect, test } from 'vitest'
import { named, Rig } from '../test/rig.ts'
import { votesOf } from './terms.ts'

/** Whose votes count as failed, of two who said this while the unit was open. */
function failedOf(ann: string, bob: string, guessed: readonly string[]): string[] {
  const rig = new Rig()
  const id = rig.publish()
  rig.join('ann', { units: 1 })
  rig.join('bob', { units: 1 })
  const names = new Map([
    [named(rig.lease('ann')).slot, 'ann'],
    [named(rig.lease('bob')).slot, 'bob'],
  ])
  rig.deliverAll('ann', () => ann)
  rig.deliverAll('bob', () => bob)
  const unit = rig.unit(id)
  if (unit === undefined) throw new Error('no unit')
  // What a restart guesses of a vote that neither passed nor was struck.
  const ballots = unit.ballots.map((one) =>
    guessed.includes(names.get(one.slot) ?? '') ? { ...one, failed: true } : one,
  )
  const votes = votesOf(rig.state, { ...unit, ballots })
  expect(votes).toHaveLength(2)
  return votes.filter(({ failed }) => failed).map(({ slot }) => names.get(slot) ?? '')
}

describe('of whom it is guessed that the unit failed there', () => {
  test('it is not so if another brings the very same and it did not', () => {
    expect(failedOf('right', 'right', ['ann'])).toEqual([])
  })

  test('it stays so if the other says something else', () => {
    expect(failedOf('right', 'wrong', ['ann'])).toEqual(['ann'])
  })

  test('it stays so if the other says the same and failed as well', () => {
    expect(failedOf('!boom', '!boom', []).sort()).toEqual(['ann', 'bob'])
  })

  test('it stays so if it is guessed of all who say the same', () => {
    expect(failedOf('right', 'right', ['ann', 'bob']).sort()).toEqual(['ann', 'bob'])
  })
})
