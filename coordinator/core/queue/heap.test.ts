import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Heap, type Ordered } from './heap.ts'

test('a heap has the least first, whatever came in and was taken out of its middle', () => {
  const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(30)), { maxLength: 200, size: 'max' })
  fc.assert(
    fc.property(steps, (history) => {
      const heap = new Heap<Ordered>()
      let all: Ordered[] = []
      for (const [i, [takes, number]] of history.entries()) {
        const item = takes ? all[number % (all.length || 1)] : undefined
        if (item === undefined) {
          const added = { order: number, tie: i, index: -1 }
          heap.add(added)
          all.push(added)
        } else {
          heap.remove(item)
          all = all.filter((one) => one !== item)
          expect(heap.has(item)).toBe(false)
        }
        const [first] = all.toSorted((a, b) => a.order - b.order || a.tie - b.tie)
        expect(heap.first).toBe(first)
        expect(heap.size).toBe(all.length)
        expect(all.every((one) => heap.has(one))).toBe(true)
      }
    }),
    { numRuns: 300 },
  )
})
