import { digestBytes, encode, merkleTree, type RowOf, rowHash, rowSchemas } from '@nexapod/specs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { includes } from '../tree/proof.ts'
import { Tables } from './tables.ts'

/** The same, without any of its cleverness: all places are hashed for every root. */
class Naive {
  places: (string | undefined)[] = []
  values = new Map<string, number>()

  update(changes: ReadonlyMap<string, number | undefined>): void {
    const keys = [...changes.keys()].sort()
    for (const key of keys.filter((one) => changes.get(one) === undefined)) {
      this.values.delete(key)
      const at = this.places.indexOf(key)
      if (at !== -1) this.places[at] = undefined
    }
    for (const key of keys.filter((one) => changes.get(one) !== undefined)) {
      this.values.set(key, changes.get(key) as number)
      if (this.places.includes(key)) continue
      const free = this.places.indexOf(undefined)
      if (free === -1) this.places.push(key)
      else this.places[free] = key
    }
  }

  root(): string {
    let capacity = 1
    while (capacity < this.places.length) capacity *= 2
    const leaves = Array.from({ length: capacity }, (_, i) => {
      const key = this.places[i]
      return key === undefined ? new Uint8Array(32) : leafOf(key, this.values.get(key) as number)
    })
    return Buffer.from(merkleTree(leaves).root).toString('hex')
  }
}

function leafOf(about: string, micro: number): Uint8Array {
  return rowHash(`balance/${about}`, encode(rowSchemas.balance, { micro }))
}

const about = fc.constantFrom(...'abcdefghijklmnopqrst')
const change = fc.tuple(about, fc.option(fc.nat({ max: 3 }), { nil: undefined }))
const step = fc.record({ changes: fc.array(change, { maxLength: 12 }), kept: fc.nat({ max: 3 }) })
const steps = fc.array(step, { minLength: 1, maxLength: 12 })

describe('the root over rows', () => {
  test('is that of the whole tree after every step, whatever came, went or was taken back', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const tables = new Tables()
        const table = tables.table('balance', rowSchemas.balance)
        const naive = new Naive()
        // The root may be asked for after every step, or after a few: it is the same.
        let patience = 1 + (history.length % 3)
        for (const { changes, kept } of history) {
          for (const [name, micro] of changes) {
            if (micro === undefined) table.delete(name)
            else table.set(name, { micro })
          }
          if (kept === 0) tables.takeBack()
          else {
            tables.keep()
            naive.update(new Map(changes))
          }
          if (--patience > 0) continue
          patience = 3
          const root = tables.root()
          expect(root).toBe(naive.root())
          expect(tables.count).toBe(naive.values.size)
          for (const [name, micro] of naive.values) {
            expect(table.get(name)).toEqual({ micro })
            const proof = tables.prove(table.row(name))
            if (proof === undefined) throw new Error(`${name} has no proof`)
            const { place, capacity, path } = proof
            const shown = (leaf: Uint8Array) => {
              return includes(digestBytes(root), capacity, place, leaf, path)
            }
            expect(shown(leafOf(name, micro))).toBe(true)
            expect(shown(leafOf(name, micro + 1))).toBe(false)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  test('a row that comes and goes within a step leaves no trace', () => {
    const tables = new Tables()
    const table = tables.table('balance', rowSchemas.balance)
    table.set('a', { micro: 1 })
    tables.keep()
    const before = tables.root()
    table.set('b', { micro: 2 })
    table.delete('b')
    tables.keep()
    expect(tables.root()).toBe(before)
    expect(tables.prove(table.row('b'))).toBeUndefined()
  })

  test('key and value cannot be shifted into each other', () => {
    expect(rowHash('ab', Uint8Array.of(99))).not.toEqual(rowHash('abc', new Uint8Array(0)))
  })
})

describe('rows in groups', () => {
  const done = (bit: number): RowOf<'done'> => ({ bits: new Uint8Array(128).fill(bit) })

  test('have the keys and the root of rows that are not', () => {
    const [grouped, flat] = [new Tables(), new Tables()]
    const groups = grouped.grouped('done', rowSchemas.done)
    const table = flat.table('done', rowSchemas.done)
    for (const [group, number] of [
      ['x', 2],
      ['x', 10],
      ['y', 0],
    ] as const) {
      groups.set(group, number, done(number))
      table.set(`${group}/${number}`, done(number))
    }
    grouped.keep()
    flat.keep()
    expect(grouped.root()).toBe(flat.root())
    expect(groups.get('x', 10)).toEqual(done(10))
    expect(groups.get('x', 0)).toBeUndefined()
  })

  test('go together, and come back together', () => {
    const tables = new Tables()
    const table = tables.grouped('done', rowSchemas.done)
    for (let number = 0; number < 5; number++) table.set('x', number, done(number))
    table.set('y', 0, done(7))
    tables.keep()
    const before = tables.root()
    table.deleteAll('x')
    table.set('x', 9, done(9))
    expect(table.get('x', 3)).toBeUndefined()
    tables.takeBack()
    expect(tables.root()).toBe(before)
    expect(table.get('x', 3)).toEqual(done(3))
    expect(table.get('x', 9)).toBeUndefined()
    table.deleteAll('x')
    tables.keep()
    expect(tables.count).toBe(1)
    expect(table.get('x', 3)).toBeUndefined()
  })
})
