import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromHex } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { Rows } from './rows.ts'

/** What an entry of the vectors changed, and what they say about the tree after it. */
interface Step {
  readonly changes: readonly { readonly key: string; readonly value?: string }[]
  readonly places: readonly (string | null)[]
  readonly root: string
}

const file = join(import.meta.dirname, '../../specs/state/tree-vectors.json')
const { tree } = JSON.parse(readFileSync(file, 'utf8')).documents as { tree: readonly Step[] }

test('a history has the places and the roots of the vectors', () => {
  const values = new Map<string, Uint8Array>()
  const rows = new Rows((key) => values.get(key))
  for (const { changes, places, root } of tree) {
    for (const { key, value } of changes) {
      if (value === undefined) values.delete(key)
      else values.set(key, fromHex(value) as Uint8Array)
      rows.touch(key)
    }
    rows.settle((key) => values.has(key))
    expect(rows.root()).toBe(root)
    for (const key of values.keys()) expect(rows.prove(key)?.place).toBe(places.indexOf(key))
  }
})
