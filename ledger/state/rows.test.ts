import { digestBytes, merkleTree, rowHash } from '@nexapod/specs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { includes } from '../tree/proof.ts'
import { Rows } from './rows.ts'

/** The same, without any of its cleverness: all places are hashed for every root. */
class Naive {
  readonly places: (string | undefined)[] = []
  readonly values = new Map<string, Uint8Array>()

  update(changes: ReadonlyMap<string, Uint8Array | undefined>): void {
    const keys = [...changes.keys()].sort()
    for (const key of keys.filter((one) => changes.get(one) === undefined)) {
      this.values.delete(key)
      const at = this.places.indexOf(key)
      if (at !== -1) this.places[at] = undefined
    }
    for (const key of keys.filter((one) => changes.get(one) !== undefined)) {
      this.values.set(key, changes.get(key) as Uint8Array)
      if (this.places.includes(key)) continue
      const free = this.places.indexOf(undefined)
      if (free === -1) this.places.push(key)
      else this.places[free] = key
    }
  }

  root(capacity: number): string {
    const leaves = Array.from({ length: capacity }, (_, i) => {
      const key = this.places[i]
      return key === undefined
        ? new Uint8Array(32)
        : rowHash(key, this.values.get(key) as Uint8Array)
    })
    return Buffer.from(merkleTree(leaves).root).toString('hex')
  }
}

const key = fc.constantFrom(...'abcdefghijklmnopqrst')
const change = fc.tuple(key, fc.option(fc.uint8Array({ maxLength: 3 }), { nil: undefined }))
const steps = fc.array(fc.array(change, { maxLength: 12 }), { minLength: 1, maxLength: 12 })

describe('the root over rows', () => {
  test('is that of the whole tree after every step, whatever came and went', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const values = new Map<string, Uint8Array>()
        const rows = new Rows((one) => values.get(one))
        const naive = new Naive()
        let capacity = 1
        // The root may be asked for after every step, or after a few: it is the same.
        let patience = 1 + (history.length % 3)
        for (const step of history) {
          const changes = new Map(step)
          for (const [name, value] of changes) {
            if (value === undefined) values.delete(name)
            else values.set(name, value)
            rows.touch(name)
          }
          naive.update(changes)
          rows.settle((name) => values.has(name))
          while (capacity < naive.places.length) capacity *= 2
          if (--patience > 0) continue
          patience = 3
          const root = rows.root()
          expect(root).toBe(naive.root(capacity))
          expect(rows.count).toBe(values.size)
          for (const [name, value] of values) {
            const proof = rows.prove(name)
            if (proof === undefined) throw new Error(`${name} has no proof`)
            const { place, capacity: size, path } = proof
            expect(includes(digestBytes(root), size, place, rowHash(name, value), path)).toBe(true)
            const other = rowHash(name, Uint8Array.of(9, 9, 9, 9))
            expect(includes(digestBytes(root), size, place, other, path)).toBe(false)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  test('a row that comes and goes within a step leaves no trace', () => {
    const values = new Map([['a', Uint8Array.of(1)]])
    const rows = new Rows((one) => values.get(one))
    const settle = () => rows.settle((name) => values.has(name))
    rows.touch('a')
    settle()
    const before = rows.root()
    values.set('b', Uint8Array.of(2))
    rows.touch('b')
    values.delete('b')
    rows.touch('b')
    settle()
    expect(rows.root()).toBe(before)
    expect(rows.prove('b')).toBeUndefined()
  })

  test('key and value cannot be shifted into each other', () => {
    expect(rowHash('ab', Uint8Array.of(99))).not.toEqual(rowHash('abc', new Uint8Array(0)))
  })
})
