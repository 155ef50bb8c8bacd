import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  digestBytes,
  entryHash,
  entrySchema,
  fromHex,
  fromJson,
  leafHash,
  toJson,
} from '@nexapod/specs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ctrlC, type } from '../test/shells.ts'
import { codeOf, opened, Places } from '../test/stores.ts'
import { cosign, grow, rich, treeOf, unitMicro, workedChain } from '../test/worked.ts'
import { extendsTree, includes } from '../tree/proof.ts'

const units = 12
const writer = workedChain(units)
const size = writer.entries.length
const places = new Places()
const directory = places.next()

beforeAll(async () => {
  await using store = await opened(directory)
  await grow(store, writer, size)
  await cosign(store, writer, 2)
})
afterAll(() => places.remove())

describe('audit', () => {
  test('says in a table what it found, and changes nothing', async () => {
    const before = treeOf(directory)
    const { exit, out, err } = await type(`audit ${directory}`)
    expect([exit, err]).toEqual([0, ''])
    expect(out).toMatch(
      `chain         ${writer.chain}\nepoch         0\nentries       ${size}, the`,
    )
    expect(out).toMatch(`head          ${writer.head}\n`)
    expect(out).toMatch(/root {10}[0-9a-f]{64}\nstate root {4}[0-9a-f]{64}\n/)
    expect(out).toMatch(
      'signatures    all verified\ncheckpoints   1 checked\ncosignatures  2 checked\n',
    )
    expect(out).toMatch(/time {10}\d.* s, [\d,]+ entries\/s\npeak memory {3}\d+ MiB\n/)
    expect(treeOf(directory)).toBe(before)
  })

  test('says the same in JSON', async () => {
    const { out } = await type(`audit ${directory} --own --json`)
    const found = JSON.parse(out)
    expect(found).toMatchObject({
      size,
      signatures: false,
      head: writer.head,
      checkpoints: 1,
      cosignatures: 2,
    })
    expect(found.entriesPerSecond).toBeGreaterThan(0)
  })

  test('draws a bar for a person, takes it away, and ends when told', async () => {
    const { err } = await type(`audit ${directory}`, { isTerminal: true })
    if (err !== '') expect(err).toMatch(/^(\rreading \[.*)?\r.\[K$/)
    const ended = await type(`audit ${directory}`, { signal: ctrlC() })
    expect(ended).toMatchObject({ exit: 130, out: '', err: 'Interrupted.\n' })
  })

  test('of a ledger without entries finds nothing wrong', async () => {
    const empty = places.next()
    await (await opened(empty))[Symbol.asyncDispose]()
    expect((await type(`audit ${empty}`)).out).toMatch('entries       0\n')
    expect((await type(`show ${empty}`)).out).toBe('entries  none yet\n')
    expect((await type(`show ${empty} 0`)).err).toMatch('the ledger is empty')
    expect(await type(`show ${empty} --roster`)).toMatchObject({ exit: 3 })
    expect(await type(`proof ${empty} 0`)).toMatchObject({ exit: 3 })
    expect((await type(`certificate ${empty} --entry 0 --out x`)).err).toMatch('ever signed here')
  })
})

describe('show', () => {
  test('says where a ledger stands, who signed, and who has credit', async () => {
    const { exit, out, err } = await type(`show ${directory}`)
    expect([exit, err]).toEqual([0, ''])
    expect(out).toMatch(`mesh        test, ${writer.meshId}\n`)
    expect(out).toMatch(`checkpoint  of ${size} entries, 1970-01-01 00:00:12`)
    expect(out).toMatch('cosigned    2 cosignatures; with its author 3 of 4 signed, a quorum\n')
    expect(out).toMatch(`credit      0.168000 earned, of which 0.014000 not final yet\n`)
    expect(out).toMatch(`0.077000  ${rich}\n`)
    expect(out).toMatch('facts       46  transfer\n            24  receipt\n')
  })

  test('says so in JSON', async () => {
    const found = JSON.parse((await type(`show ${directory} --json`)).out)
    expect(found).toMatchObject({ size, mesh: 'test', facts: { verdict: units, job: 1 } })
    expect(found.checkpoint).toMatchObject({ size, cosignatures: 2, quorum: true })
    expect(found.credit.givenMicro).toBe(2 * units * unitMicro)
    expect(found.credit.richest[0].micro).toBe((units - 1) * unitMicro)
  })

  test('shows entries for people, fact by fact', async () => {
    const { out } = await type(`show ${directory} 0-4`)
    const hash = entryHash(writer.entries[1] as Uint8Array)
    expect(out).toMatch('  genesis     of mesh test: 4 coordinators, quorum 3; by 12D3..')
    expect(out).toMatch(
      `\n\nentry 1, epoch 0, 1970-01-01 00:00:02.001 UTC, 653 bytes\n  hash  ${hash}`,
    )
    expect(out).toMatch(/\n {2}job {3}[0-9a-f]{12}\.\. "a job": 12 units, by 12D3\.\.\w{8}\n/)
    expect(out).toMatch('0.007000 credits from mint to hold/')
    expect(out).toMatch('accepted: slots 0, 1 agree')
  })

  test('shows entries to programs, each on a line and whole', async () => {
    const lines = (await type(`show ${directory} 2-${size - 1} --json`)).out.trimEnd().split('\n')
    const entries = lines.map((line) => fromJson(entrySchema, JSON.parse(line)))
    expect(entries.map(codeOf)).toEqual(lines.map(() => 'ok'))
    expect(lines).toHaveLength(size - 2)
    const [first] = entries
    expect(first?.ok && toJson(entrySchema, first.value)).toMatchObject({ seq: 2 })
    expect(await type(`show ${directory} 7,0 --json`)).toMatchObject({ exit: 2 })
  })

  test('says up to where there are entries', async () => {
    const { exit, err } = await type(`show ${directory} 5-900`)
    expect(exit).toBe(3)
    expect(err).toMatch(`no entry 900.\n  why   the last one is ${size - 1}\n`)
    expect(err).toMatch(`next  nexapod ledger show ${directory} 5-${size - 1}\n`)
  })
})

describe('proof', () => {
  const bytesOf = (hex: string) => fromHex(hex) as Uint8Array

  test('of an entry leads to the root', async () => {
    for (const at of [size, 9]) {
      const { out } = await type(`proof ${directory} 7 --size ${at}`)
      const { root, seq, size: of, leaf, path } = JSON.parse(out)
      expect([seq, of]).toEqual([7, at])
      expect(bytesOf(leaf)).toEqual(leafHash(writer.entries[7] as Uint8Array))
      expect(includes(digestBytes(root), of, seq, bytesOf(leaf), path.map(bytesOf))).toBe(true)
    }
    const { out } = await type(`proof ${directory} 7`)
    expect(JSON.parse(out)).toMatchObject({ size, chain: writer.chain })
  })

  test('of growth leads from one root to the other', async () => {
    const { out } = await type(`proof ${directory} --from 5`)
    const { from, fromRoot, root, path } = JSON.parse(out)
    const before = { size: from, root: bytesOf(fromRoot) }
    expect(extendsTree(before, { size, root: bytesOf(root) }, path.map(bytesOf))).toBe(true)
  })

  test('of what is not there is not found', async () => {
    for (const words of [
      `${size}`,
      `3 --size ${size + 1}`,
      '3 --size 2',
      '--from 0',
      '--from 900',
    ]) {
      const { exit, err } = await type(`proof ${directory} ${words}`)
      expect(exit, words).toBe(3)
      expect(err).toMatch(`next  nexapod ledger show ${directory}\n`)
    }
  })
})

describe('a ledger that cannot be read', () => {
  test('because a coordinator has it open, is left to that', async () => {
    await using _ = await opened(directory)
    for (const line of ['audit DIR', 'show DIR', 'proof DIR 1', 'export DIR x', 'backup DIR y']) {
      const { exit, err } = await type(line.replace('DIR', directory))
      expect(exit).toBe(1)
      expect(err).toMatch('error: Another process has this ledger open.\n')
      expect(err).toMatch(`at work in ${directory}\n  next  stop it, then type the same again; or `)
    }
  })

  test('because it is of another version, says so', async () => {
    const copy = places.next()
    await cp(directory, copy, { recursive: true })
    const format = join(copy, 'now', 'format')
    const text = await readFile(format, 'utf8')
    await writeFile(format, text.replace('1', '2'))
    for (const line of [`audit ${copy}`, `show ${copy}`, `restore ${copy} ${places.next()}`]) {
      const { exit, err } = await type(line)
      expect(exit).toBe(1)
      expect(err).toMatch('format "nexapod ledger 2')
      expect(err).toMatch('use the version that wrote it')
    }
    await rm(copy, { recursive: true })
  })
})
