import type { Given, Store } from '@nexapod/ledger/store'
import { type Answer, accept, decode, encode } from '@nexapod/specs'
import { type Named, rowSchema } from '../../core/row.ts'

const utf8 = new TextEncoder()
const text = new TextDecoder('utf-8', { fatal: true })

/** Rows that are read at once: one after the other a full store would take minutes. */
const atOnce = 256

/** Rows of the core as the store is given them. */
export function givenOf(rows: readonly Named[]): Given[] {
  return rows.map(({ name, row }) => {
    const key = utf8.encode(name)
    return row === undefined ? { key } : { key, value: encode(rowSchema, row) }
  })
}

/** Every row that stands beside the chain. */
export async function rowsIn(store: Store): Promise<Answer<Named[]>> {
  const keys = store.givenKeys()
  const rows: Named[] = []
  for (let from = 0; from < keys.length; from += atOnce) {
    const some = keys.slice(from, from + atOnce)
    for (const [i, answer] of (await Promise.all(some.map((key) => store.given(key)))).entries()) {
      if (!answer.ok) return answer
      const name = text.decode(some[i])
      if (answer.value === undefined) throw new Error(`the row ${name} went while it was read`)
      const row = decode(rowSchema, answer.value)
      if (!row.ok) throw new Error(`the row ${name} was written and is none: ${row.refusal.code}`)
      rows.push({ name, row: row.value })
    }
  }
  return accept(rows)
}
