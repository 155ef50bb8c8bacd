import { openStore } from '@nexapod/ledger/store'
import { type JobId, limits, type PeerId, reopen, requestDocument, sign } from '@nexapod/specs'
import { afterAll, describe, expect, test } from 'vitest'
import { nameRow, receiptRow, rowSchema, seedRow } from '../../core/row.ts'
import { keyNamed } from '../../test/cast.ts'
import { Folders, valued } from '../../test/scripted-mesh.ts'
import { givenOf, rowsIn } from './rows.ts'

const folders = new Folders()
afterAll(() => folders.remove())

describe('rows beside the chain', () => {
  test('fit into the store, however large what a node shows is', () => {
    expect(rowSchema.bytesMax).toBeLessThanOrEqual(limits.rowBytesMax)
    const job = 'a'.repeat(64) as JobId
    const longest = receiptRow(job, limits.sweepUnitsMax - 1, limits.slotsMax - 1)
    expect(longest.length).toBeLessThanOrEqual(limits.rowKeyBytesMax)
    expect(nameRow(keyNamed('kim').id).length).toBeLessThanOrEqual(limits.rowKeyBytesMax)
  })

  test('come back as they were given, and not after they were let go', async () => {
    await using store = valued(await openStore({ directory: folders.next() }))
    const { id } = keyNamed('kim')
    const request = sign(
      requestDocument,
      {
        ...{ v: 1, from: id as PeerId, to: 'b'.repeat(64) as never, epoch: 0, counter: 1 },
        ...{ issued: 1, expires: 2, act: { type: 'name', name: 'Kim' } },
      },
      keyNamed('kim'),
    )
    const seed = { name: seedRow, row: { type: 'seed', seed: new Uint8Array(32).fill(7) } } as const
    const name = { name: nameRow(id), row: { type: 'name', request } } as const
    valued(await store.give(givenOf([seed, name])))
    const rows = valued(await rowsIn(store))
    expect(rows.map((row) => row.name).sort()).toEqual([nameRow(id), seedRow].sort())
    const kept = rows.find((row) => row.name === nameRow(id))?.row
    expect(kept?.type === 'name' && valued(reopen(requestDocument, kept.request)).counter).toBe(1)
    valued(await store.give(givenOf([{ name: nameRow(id) }])))
    expect(valued(await rowsIn(store)).map((row) => row.name)).toEqual([seedRow])
  })
})
