import { expect, test } from 'vitest'
import type { Live } from './book.ts'
import { LeaseTable } from './lease-table.ts'

function lease(epoch: number, fence: number): Live {
  return { epoch, fence } as Live
}

test('a lease is found by its epoch and fence, and by no other', () => {
  const leases = new LeaseTable(2)
  const all = [lease(2, 7), lease(2, 8), lease(1, 7), lease(0, 7)]
  for (const one of all) leases.add(one)
  expect(leases.size).toBe(4)
  for (const one of all) expect(leases.get(one.epoch, one.fence)).toBe(one)
  expect(leases.get(1, 8)).toBeUndefined()
  expect(leases.get(3, 7)).toBeUndefined()
  leases.delete(lease(1, 7))
  leases.delete(lease(2, 7))
  leases.delete(lease(2, 9))
  expect(all.map(({ epoch, fence }) => leases.get(epoch, fence))).toEqual([
    undefined,
    all[1],
    undefined,
    all[3],
  ])
  expect(leases.size).toBe(2)
})
