import type { ChainId } from '@nexapod/specs'
import { expect, test } from 'vitest'
import type { Event } from '../../core/event.ts'
import { Ended } from './ended.ts'
import type { Proven } from './forks.ts'

const chain = 'a'.repeat(64) as ChainId

test('a core is told once what is over, and again where a seal ends what was forked', () => {
  const hearers: ((proven: Proven) => void)[] = []
  const on = (hear: (proven: Proven) => void) => hearers.push(hear)
  const forks: Proven[] = []
  const seals = new Map<ChainId, number>()
  const ended = new Ended(
    { all: forks, on },
    { ended: seals, on: on as (hear: () => void) => void },
  )
  const happened: Event[] = []
  const told = () => {
    for (const hear of hearers) hear({} as Proven)
    return happened.splice(0)
  }
  seals.set(chain, 0)
  ended.tell({ happen: (event) => happened.push(event) })
  expect(happened.splice(0)).toEqual([{ type: 'over', chain, epoch: 0, why: 'ledger.sealed' }])
  forks.push({ says: { chain, epoch: 1 } } as Proven)
  expect(told()).toEqual([{ type: 'over', chain, epoch: 1, why: 'ledger.forked' }])
  seals.set(chain, 1)
  expect(told()).toEqual([{ type: 'over', chain, epoch: 1, why: 'ledger.sealed' }])
  expect(told()).toEqual([])
})
