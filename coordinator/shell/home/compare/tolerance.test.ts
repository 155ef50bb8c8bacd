import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Decimal, type Numeric, numberIn } from './token.ts'
import { Tolerance } from './tolerance.ts'

/** Whether two numbers, written so, are as far apart as these allow. */
function holds(a: string, b: string, absolute: string, relative = '0'): boolean {
  return new Tolerance({ absolute, relative }).holds(numberOf(a), numberOf(b))
}

function numberOf(text: string): Numeric {
  const number = numberIn(text)
  if (number === undefined) throw new Error(`${text} is no number`)
  return number
}

describe('the bound is exact', () => {
  test.each([
    // In doubles 1.1 - 1.0 is more than 0.1.
    ['1.1', '1.0', '0.1', true],
    ['1.1000000000000000000000000001', '1.0', '0.1', false],
    ['100000000000000000000', '100000000000000000001', '1', true],
    ['100000000000000000000', '100000000000000000002', '1', false],
    ['1e-400', '2e-400', '1e-400', true],
    ['1e-400', '2e-400', '9e-401', false],
    ['1e400', '1e400', '0', true],
    ['1e400', '1e401', '0', false],
    ['0.30', '0.3', '0', true],
    ['+1', '1', '0', true],
    ['1.', '.5', '0.5', true],
  ])('%s and %s, %s apart at most: %s', (a, b, absolute, is) => {
    expect(holds(a, b, absolute)).toBe(is)
  })

  test.each([
    ['100', '99', '0.01', true],
    ['100', '98.99999999999999999999', '0.01', false],
    ['-100', '-99', '1e-2', true],
    ['1e-300', '1.1e-300', '0.1', true],
    ['1e500', '1.0000001e500', '1e-6', true],
    ['1', '-1', '1.9', false],
    ['1', '-1', '2', true],
  ])('%s and %s, %s of the larger at most: %s', (a, b, relative, is) => {
    expect(holds(a, b, '0', relative)).toBe(is)
  })

  test('for doubles and long integers, too', () => {
    const most = (absolute: string, a: Numeric, b: Numeric) => {
      return new Tolerance({ absolute, relative: '0' }).holds(a, b)
    }
    // As doubles are, and not as they are printed.
    expect(most('0.1', 1.1, 1)).toBe(false)
    expect(most('0.5', 1.5, 1)).toBe(true)
    expect(most('1', 2n ** 63n, 2n ** 63n + 1n)).toBe(true)
    expect(most('1', 2n ** 63n, 2n ** 63n + 2n)).toBe(false)
    expect(most('5e-324', 5e-324, 0)).toBe(true)
    expect(most('4e-324', 5e-324, 0)).toBe(false)
  })
})

test('what is no number is like itself alone, and nothing finite is near to infinity', () => {
  const any = { absolute: '1e308', relative: '1' }
  expect(new Tolerance(any).holds(Number.NaN, Number.NaN)).toBe(true)
  for (const other of ['1', 'inf', '-inf']) expect(holds('nan', other, '1e308', '1')).toBe(false)
  expect(holds('inf', 'Infinity', '0')).toBe(true)
  expect(holds('inf', '-inf', '1e308', '1')).toBe(false)
  expect(holds('inf', '1e999', '1e308', '1')).toBe(false)
  expect(holds('-0', '0', '0')).toBe(true)
})

describe('whatever the numbers are', () => {
  const decimal = fc
    .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: -30, max: 30 }))
    .map(([digits, exponent]) => `${digits}e${exponent}`)
  const numeric: fc.Arbitrary<Numeric> = fc.oneof(
    decimal.map((text) => new Decimal(text)),
    fc.double(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n }),
  )
  const bound = fc.tuple(fc.nat(99), fc.integer({ min: -20, max: 20 })).map(([n, e]) => `${n}e${e}`)

  test('each is like itself, and likeness is mutual', () => {
    fc.assert(
      fc.property(numeric, numeric, bound, bound, (a, b, absolute, relative) => {
        const tolerance = new Tolerance({ absolute, relative })
        expect(tolerance.holds(a, a)).toBe(true)
        expect(tolerance.holds(a, b)).toBe(tolerance.holds(b, a))
      }),
      { numRuns: 2000 },
    )
  })

  test('the bound itself is within, and a digit more is not', () => {
    const digits = fc.bigInt({ min: 0n, max: 10n ** 15n })
    const places = fc.integer({ min: -20, max: 20 })
    fc.assert(
      fc.property(digits, digits, places, (start, apart, place) => {
        const at = (n: bigint, finer = '') => new Decimal(`${n}${finer}e${place}`)
        const tolerance = new Tolerance({ absolute: `${apart}e${place}`, relative: '0' })
        expect(tolerance.holds(at(start), at(start + apart))).toBe(true)
        expect(tolerance.holds(at(start), at(start + apart, '.0000001'))).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })
})
