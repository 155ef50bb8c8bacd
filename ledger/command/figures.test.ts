import { expect, test } from 'vitest'
import { bytes, count, counted, credits, duration, instant, rows, short } from './figures.ts'
import { numberOf } from './numbers.ts'

test('credits are exact to the last micro', () => {
  expect([0, 1, -1, 7_000, 1_234_567_890_123].map(credits)).toEqual([
    ...['0.000000', '0.000001', '-0.000001', '0.007000', '1,234,567.890123'],
  ])
  expect(credits(Number.MAX_SAFE_INTEGER)).toBe('9,007,199,254.740991')
})

test('numbers have their thousands apart, and are read again', () => {
  expect([0, 999, 1000, 1_234_567].map(count)).toEqual(['0', '999', '1,000', '1,234,567'])
  expect(['0', '1000', '1,000', '12,345,678'].map(numberOf)).toEqual([0, 1000, 1000, 12_345_678])
  const none = ['', '-1', '1e3', '1,00', '1.5', '0x1', ' 1', '9'.repeat(16), '9'.repeat(17)]
  expect(none.map(numberOf)).toEqual(none.map(() => undefined))
  expect([counted(1, 'entry', 'entries'), counted(2, 'unit')]).toEqual(['1 entry', '2 units'])
})

test('sizes and times are in the unit that fits', () => {
  expect([1, 1023, 1024, 10_240, 3 * 2 ** 30].map(bytes)).toEqual([
    ...['1 byte', '1,023 bytes', '1.0 KiB', '10 KiB', '3.0 GiB'],
  ])
  expect([340, 2500, 3000, 59_400, 61_000, 5_000_000, 4e9].map(duration)).toEqual([
    ...['0.34 s', '2.5 s', '3 s', '59 s', '1 min 1 s', '1 h 23 min', '1,111 h 6 min'],
  ])
  expect([0, 1234].map(instant)).toEqual(['1970-01-01 00:00:00 UTC', '1970-01-01 00:00:01.234 UTC'])
})

test('ids are short, and stay apart', () => {
  const key = '12D3KooWHFd1gyNYFqxt7ke9FY2VoVVWY2XSPhvL9vg2pB6wQGfa'
  expect([short(key), short('ab'.repeat(32))]).toEqual(['12D3..pB6wQGfa', 'abababababab..'])
})

test('rows are two columns', () => {
  expect(
    rows(
      [
        ['a', '1'],
        ['long', '2'],
        ['', '3'],
      ],
      ' ',
    ),
  ).toBe(' a     1\n long  2\n       3\n')
})
