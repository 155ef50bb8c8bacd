import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RowName } from '../core/row.ts'
import { digestNamed, jobOn, kim, leaseOf } from '../test/cast.ts'
import { type Change, Journal } from './journal.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nexapod-journal-'))
})
afterEach(() => rm(directory, { recursive: true }))

const { id } = jobOn(kim.chain, 'a job')

/** A row that is told from others by its number. */
function leaseRow(unit: number): Change & { readonly row: object } {
  const { signed } = leaseOf(kim, id, unit)
  return { name: `lease/${unit}`, row: { type: 'lease', lease: signed } }
}

const welcomed: Change = {
  name: `coordinator/${kim.id}`,
  row: { type: 'coordinator', coordinator: kim.id, chain: digestNamed('a chain'), epoch: 3 },
}

async function written(...groups: (readonly Change[])[]): Promise<void> {
  const { journal } = await Journal.open(directory)
  await using _ = journal
  for (const group of groups) await journal.write(group)
}

async function read() {
  const { journal, rows, damages } = await Journal.open(directory)
  await using _ = journal
  return { rows, damages, bytes: journal.bytes }
}

function namesOf(rows: readonly { readonly name: RowName }[]): readonly string[] {
  return rows.map(({ name }) => name).sort()
}

async function damage(change: (bytes: Buffer) => Buffer): Promise<void> {
  const path = join(directory, 'journal')
  await writeFile(path, change(await readFile(path)))
}

describe('a journal', () => {
  test('has what was kept and not what was forgotten, the last of each name', async () => {
    const later = { ...leaseRow(9), name: 'lease/1' as const }
    await written([leaseRow(1), leaseRow(2), welcomed], [{ name: 'lease/2' }], [later])
    const { rows, damages } = await read()
    expect(namesOf(rows)).toEqual([welcomed.name, 'lease/1'])
    expect(rows.find(({ name }) => name === 'lease/1')?.row).toEqual(later.row)
    expect(damages).toEqual([])
  })

  test('cut anywhere is what it was before, or with a part of the group that was cut', async () => {
    await written([leaseRow(1), leaseRow(2)])
    const path = join(directory, 'journal')
    const whole = await readFile(path)
    for (let end = 0; end < whole.length; end += 37) {
      await writeFile(path, whole.subarray(0, end))
      const { rows, damages } = await read()
      expect(namesOf(rows)).toEqual(end < whole.length / 2 ? [] : ['lease/1'])
      expect(damages).toEqual([])
    }
    // What is written after that is whole again.
    await written([leaseRow(3)])
    expect(namesOf((await read()).rows)).toEqual(['lease/1', 'lease/3'])
  })

  test('tells of every flipped byte, keeps all other rows, and the file beside', async () => {
    await written([leaseRow(1), leaseRow(2), leaseRow(3)])
    const path = join(directory, 'journal')
    const whole = await readFile(path)
    const third = whole.length / 3
    for (let at = 5; at < whole.length; at += 61) {
      const flipped = Buffer.from(whole)
      flipped[at] = (flipped[at] as number) ^ 0x10
      await writeFile(path, flipped)
      const { rows, damages } = await read()
      const lost = `lease/${Math.floor(at / third) + 1}`
      expect(namesOf(rows)).toEqual(['lease/1', 'lease/2', 'lease/3'].filter((one) => one !== lost))
      expect(damages).toHaveLength(1)
      // Once: what is kept beside does not grow with every start.
      expect((await read()).damages).toEqual([])
    }
    const beside = (await readdir(directory)).filter((name) => name.includes('damaged'))
    expect(beside.length).toBeGreaterThan(0)
  })

  test('tells of a flipped length of the last record, which looks as if it were cut', async () => {
    await written([leaseRow(1), leaseRow(2)])
    const whole = await readFile(join(directory, 'journal'))
    for (let at = whole.length / 2; at < whole.length / 2 + 20; at++) {
      for (const bit of [1, 0x10, 0x80]) {
        const flipped = Buffer.from(whole)
        flipped[at] = (flipped[at] as number) ^ bit
        await writeFile(join(directory, 'journal'), flipped)
        const { rows, damages } = await read()
        expect([namesOf(rows), damages.length]).toEqual([['lease/1'], 1])
      }
    }
  })

  test('takes zeros at its end for a write that the power cut off', async () => {
    await written([leaseRow(1)])
    await damage((bytes) => Buffer.concat([bytes, Buffer.alloc(4096)]))
    const { rows, damages } = await read()
    expect([namesOf(rows), damages]).toEqual([['lease/1'], []])
  })

  test('is written anew when most of it is stale, and loses nothing by that', async () => {
    const { journal } = await Journal.open(directory)
    const many = Array.from({ length: 2000 }, (_, unit) => leaseRow(unit))
    let most = 0
    {
      await using _ = journal
      await journal.write(many.slice(0, 3))
      for (let i = 0; i < 20; i++) {
        await journal.write(many.slice(3))
        await journal.write(many.slice(3).map(({ name }) => ({ name })))
        most = Math.max(most, journal.bytes)
      }
      expect(journal.bytes).toBeLessThan(most)
      await journal.write([leaseRow(5000)])
    }
    const { rows } = await read()
    expect(namesOf(rows)).toEqual(['lease/0', 'lease/1', 'lease/2', 'lease/5000'])
  })
})
