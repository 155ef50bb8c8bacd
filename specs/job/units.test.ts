import { hash } from 'node:crypto'
import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromJson } from '../bytes/bytes.ts'
import { smallJob, sweepJob } from '../examples/jobs.ts'
import type { JobId } from '../id/id.ts'
import { limits } from '../limits.ts'
import { sweepForm } from './sweep.ts'
import { parseUnit, unitSeed, units, unitText } from './units.ts'

const job = 'ab'.repeat(32) as JobId

function swept(sweep: unknown) {
  const answer = fromJson(sweepForm, sweep)
  if (!answer.ok) throw new Error(JSON.stringify(answer))
  return units({ ...smallJob, sweep: answer.value })
}

test('a job without a sweep has one unit, and its braces are text', () => {
  const [executor] = smallJob.executors
  const braces = { ...smallJob, executors: [{ ...executor, command: ['{{x}}'] }] }
  const all = [...units(braces as typeof smallJob)]
  expect(all).toHaveLength(1)
  expect(all[0]?.executors[0]?.command).toEqual(['{{x}}'])
})

test('the last parameter by name changes fastest, however the sweep is written', () => {
  const names = (unit: { parameters: object }) => Object.values(unit.parameters).join(' ')
  const one = [...swept({ b: [1, 2], a: ['x', 'y'] })]
  const other = [...swept({ a: ['x', 'y'], b: [1, 2] })]
  expect(one).toEqual(other)
  expect(one.map((unit) => `${unit.parameters.a}${unit.parameters.b}`)).toEqual([
    'x1',
    'x2',
    'y1',
    'y2',
  ])
  expect(one.map(names)).toEqual(other.map(names))
})

test('parameters are filled into arguments, variables, texts and paths of inputs', () => {
  const unit = units(sweepJob).at(501)
  expect(unit.parameters).toEqual({ unit: '501', beta: '0.45', seed: '2' })
  expect(unit.executors[0]?.command).toEqual(['--beta', '0.45', '--seed', '2'])
  expect(unit.executors[0]?.env).toEqual({ UNIT: '501', LC_ALL: 'C' })
  expect(unit.inputs[0]?.from).toMatchObject({ below: 'size-2.csv' })
  expect(unit.inputs[2]?.from).toMatchObject({ text: 'run 501\n' })
})

describe('ranges', () => {
  test('of decimals are exact, with as many digits as were written', () => {
    const values = [...swept({ x: { from: 0, to: 1, step: 0.1 } })].map((u) => u.parameters.x)
    expect(values).toEqual([
      '0.0',
      '0.1',
      '0.2',
      '0.3',
      '0.4',
      '0.5',
      '0.6',
      '0.7',
      '0.8',
      '0.9',
      '1.0',
    ])
  })

  test('may fall, cross zero, and stop before the end', () => {
    const values = (range: unknown) => [...swept({ x: range })].map((unit) => unit.parameters.x)
    expect(values({ from: 0.5, to: -0.6, step: -0.5 })).toEqual(['0.5', '0.0', '-0.5'])
    expect(values({ from: 1, to: 6, step: 2 })).toEqual(['1', '3', '5'])
    expect(values({ from: '1e-9', to: '3e-9', step: '1e-9' })).toEqual([
      '0.000000001',
      '0.000000002',
      '0.000000003',
    ])
    expect(values({ from: 7, to: 7 })).toEqual(['7'])
  })
})

test('ten million units cost nothing until they are asked for', () => {
  const heap = process.memoryUsage().heapUsed
  const all = swept({ a: { from: 1, to: 1000 }, b: { from: 1, to: 10_000 } })
  expect(all.count).toBe(limits.sweepUnitsMax)
  expect(all.at(9_999_999).parameters).toEqual({ unit: '9999999', a: '1000', b: '10000' })
  expect(process.memoryUsage().heapUsed - heap).toBeLessThan(4 << 20)
})

test('there are no units beyond the last', () => {
  for (const index of [-1, 0.5, 4, Number.NaN]) {
    expect(() => swept({ a: [1, 2, 3, 4] }).at(index)).toThrow('units 0 to 3')
  }
})

test('every unit of a sweep is another combination, and all are there', () => {
  const value = fc.oneof(fc.integer({ min: -99, max: 99 }), fc.constantFrom('p', 'q'))
  const values = fc.uniqueArray(value, { minLength: 1, maxLength: 5, selector: String })
  const name = fc.constantFrom('a', 'b', 'c', 'd')
  fc.assert(
    fc.property(fc.dictionary(name, values, { minKeys: 1, maxKeys: 4 }), (sweep) => {
      const all = swept({ ...sweep })
      const seen = [...all].map(({ parameters: { unit: _, ...rest } }) => JSON.stringify(rest))
      expect(new Set(seen).size).toBe(all.count)
      expect(all.count).toBe(Object.values(sweep).reduce((n, one) => n * one.length, 1))
    }),
  )
})

describe('names and seeds of units', () => {
  test('a name is read back', () => {
    expect(parseUnit(unitText(job, 12))).toEqual({ ok: true, value: { job, unit: 12 } })
  })

  test.each(['', job, `${job}/`, `${job}/01`, `${job}/-1`, `${job}/10000000`, `${job}/1/2`])(
    '%s is no name of a unit',
    (text) => expect(parseUnit(text)).toMatchObject({ refusal: { code: 'document.form' } }),
  )

  test('seeds differ between units and never change', () => {
    expect(unitSeed(job, 0)).not.toBe(unitSeed(job, 1))
    const domain = Buffer.from('\x13nexapod/unit-seed/1')
    const body = dagCbor.encode({ job: Buffer.from(job, 'hex'), unit: 0 })
    expect(unitSeed(job, 0)).toBe(hash('sha256', Buffer.concat([domain, body])))
  })
})
