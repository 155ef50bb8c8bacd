import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Order } from './order.ts'

const id = fc.integer({ min: 0, max: 3000 }).map((n) => `k${n}`)
const change = fc.tuple(id, fc.integer({ min: -3, max: 40 }))

describe('an order', () => {
  test('says what sorting says, whatever happened before', () => {
    void fc.assert(
      fc.property(fc.array(change, { maxLength: 4000, size: 'max' }), (changes) => {
        const order = new Order()
        const plain = new Map<string, number>()
        for (const [who, value] of changes) {
          order.set(who, value)
          plain.set(who, value)
        }
        const sorted = [...plain]
          .filter(([, value]) => value > 0)
          .sort(([a, x], [b, y]) => y - x || (a < b ? 1 : -1))
          .map(([who, value]) => ({ id: who, value }))
        expect(order.size).toBe(sorted.length)
        expect(order.from(1, sorted.length + 1)).toEqual(sorted)
        for (const [i, { id: who, value }] of sorted.entries()) {
          if (i % 97 > 0) continue
          expect([order.placeOf(who), order.of(who)]).toEqual([i + 1, value])
          expect(order.from(i + 1, 3)).toEqual(sorted.slice(i, i + 3))
        }
      }),
      { numRuns: 30 },
    )
  })

  test('has nobody without a number, and nobody behind the last', () => {
    const order = new Order()
    expect([order.placeOf('ann'), order.from(1, 5), order.of('ann')]).toEqual([undefined, [], 0])
    order.set('ann', 5)
    expect(order.from(2, 5)).toEqual([])
    order.set('ann', 0)
    expect([order.placeOf('ann'), order.size]).toEqual([undefined, 0])
  })
})
