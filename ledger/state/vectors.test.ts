import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decode, fromHex, rowSchemas } from '@nexapod/specs'
import { expect, test } from 'vitest'
import { Tables } from './tables.ts'

/** What an entry of the vectors changed, and what they say about the tree after it. */
interface Step {
  readonly changes: readonly { readonly key: string; readonly value?: string }[]
  readonly places: readonly (string | null)[]
  readonly root: string
}

const file = join(import.meta.dirname, '../../specs/state/tree-vectors.json')
const { tree } = JSON.parse(readFileSync(file, 'utf8')).documents as { tree: readonly Step[] }

test('a history has the places and the roots of the vectors', () => {
  const tables = new Tables()
  const balances = tables.table('balance', rowSchemas.balance)
  for (const { changes, places, root } of tree) {
    for (const { key, value } of changes) {
      const account = key.slice('balance/'.length)
      if (value === undefined) balances.delete(account)
      else {
        const row = decode(rowSchemas.balance, fromHex(value) as Uint8Array)
        balances.set(account, row.ok ? row.value : { micro: 0 })
      }
    }
    tables.keep()
    expect(tables.root()).toBe(root)
    for (const [place, key] of places.entries()) {
      if (key !== null)
        expect(tables.prove(balances.row(key.slice('balance/'.length)))?.place).toBe(place)
    }
  }
})
