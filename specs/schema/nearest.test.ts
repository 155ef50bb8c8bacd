import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

const known = ['replicas', 'resources', 'executors', 'inputs', 'outputs', 'ram_gb', 'tags']

test.each([
  ['replica', 'replicas'],
  ['relpicas', 'replicas'],
  ['Executors', 'executors'],
  ['executer', 'executors'],
  ['input', 'inputs'],
  ['ouputs', 'outputs'],
  ['ramGb', 'ram_gb'],
  ['ram-gb', 'ram_gb'],
  ['tgas', 'tags'],
])('%s was meant to be %s', (name, meant) => {
  expect(nearest(name, known)).toBe(meant)
})

test.each(['', 'temperature', 'x', 'volumes', 'a'.repeat(65), 'r'.repeat(10_000)])(
  'nothing known is near %s',
  (name) => {
    expect(nearest(name, known)).toBeUndefined()
  },
)

test('short names with nothing in common are not near each other', () => {
  for (const name of ['x', 'up', 'no']) expect(nearest(name, ['id', 'by', 'y'])).toBeUndefined()
  expect(nearest('idd', ['id', 'by', 'y'])).toBe('id')
})

test('the nearest of several is taken, and the first of equals', () => {
  expect(nearest('inputx', ['output', 'inputs', 'input'])).toBe('inputs')
  expect(nearest('anything', [])).toBeUndefined()
})
