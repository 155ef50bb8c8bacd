import { rowSchemas } from '@nexapod/specs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Tables } from './tables.ts'

const about = fc.constantFrom('a', 'b', 'c/d')
const word = fc.constantFrom('wasm', 'docker')
const change = fc.record({ about, word, passes: fc.nat({ max: 9 }), kept: fc.boolean() })

test('a paired table has the rows, and the root, of a plain one whose keys are joined', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), (history) => {
      const [tables, others] = [new Tables(), new Tables()]
      const paired = tables.paired('reputation', rowSchemas.reputation)
      const plain = others.table('reputation', rowSchemas.reputation)
      for (const { about, word, passes, kept } of history) {
        const row = { vouched: 0, passes, strikes: 0 }
        paired.set(about, word, row)
        plain.set(`${about}/${word}`, row)
        for (const each of [tables, others]) kept ? each.keep() : each.takeBack()
        expect(paired.get(about, word)).toEqual(plain.get(`${about}/${word}`))
        expect(tables.root()).toBe(others.root())
      }
    }),
  )
})

test('a row that was read comes back once, and with its word', () => {
  const paired = new Tables().paired('reputation', rowSchemas.reputation)
  const row = { vouched: 1, passes: 2, strikes: 0 }
  expect(paired.restore('a/wasm', row)?.key).toBe('reputation/a/wasm')
  expect(paired.get('a', 'wasm')).toBe(row)
  expect(paired.restore('a/wasm', row)).toBeUndefined()
  expect(paired.restore('a', row)).toBeUndefined()
})
