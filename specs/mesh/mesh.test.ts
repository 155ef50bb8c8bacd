import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromJson, toJson } from '../bytes/bytes.ts'
import { mesh, rates } from '../examples/mesh.ts'
import type { CoordinatorId } from '../id/id.ts'
import { limits } from '../limits.ts'
import { ed25519 } from '../signed/ed25519.ts'
import { earned, meshDocument, metered } from './mesh.ts'

const keys = Array.from({ length: 10 }, (_, i) => {
  return ed25519.signer(new Uint8Array(32).fill(i + 1)).id as CoordinatorId
}).sort()

function accepts(members: number, quorum: number): boolean {
  const roster = keys.slice(0, members).map((coordinator) => ({ coordinator, addresses: [] }))
  const json = toJson(meshDocument.schema, { ...mesh, members: roster, quorum })
  return fromJson(meshDocument.schema, json).ok
}

describe('the quorum of a roster', () => {
  test.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 4],
    [6, 4],
    [7, 5],
    [10, 7],
  ])('of %i members is at least %i', (members, least) => {
    expect(accepts(members, least)).toBe(true)
    expect(accepts(members, members)).toBe(true)
    expect(accepts(members, least - 1)).toBe(false)
    expect(accepts(members, members + 1)).toBe(false)
  })

  test('any two share an honest member, with a third of the roster lying', () => {
    for (let members = 1; members <= 10; members++) {
      for (let quorum = 1; quorum <= members; quorum++) {
        const shared = 2 * quorum - members
        const liars = Math.floor((members - 1) / 3)
        expect(accepts(members, quorum), `${quorum} of ${members}`).toBe(shared > liars)
      }
    }
  })
})

describe('what fuel earns', () => {
  test('is exact up to the largest unit and the highest rate', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: limits.fuelMax }),
        fc.integer({ min: 1, max: 10 ** 6 }),
        (fuel, microPerGigafuel) => {
          const exact = (BigInt(fuel) * BigInt(microPerGigafuel)) / 10n ** 9n
          const micro = earned(fuel, { ...rates, microPerGigafuel })
          expect(BigInt(micro)).toBe(exact > 1n ? exact : 1n)
        },
      ),
    )
  })
})

test('the intervals of a container add up to its price, whatever both are', () => {
  const price = fc.integer({ min: 1, max: limits.microMax })
  const minutes = fc.integer({ min: 1, max: 500_000 })
  fc.assert(
    fc.property(price, minutes, (priceMicro, unitMs) => {
      const intervals = Math.ceil(unitMs / limits.meterMs)
      let sum = 0
      for (let i = 0; i < intervals; i++) sum += metered(priceMicro, unitMs, i)
      expect(sum).toBe(priceMicro)
      expect(metered(priceMicro, unitMs, intervals)).toBe(0)
    }),
  )
})
