import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fact } from '@nexapod/specs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { meshOf, Writer } from '../test/chains.ts'
import { nextOf, type, typing } from '../test/shells.ts'
import { opened, Places } from '../test/stores.ts'
import { cosign, flipBit, grow, treeOf, workedChain } from '../test/worked.ts'

const writer = workedChain(16)
const size = writer.entries.length
/** How much the older backup has. */
const older = 30
const places = new Places()
const [sound, backup, oldBackup, exported] = Array.from({ length: 4 }, () => places.next()) as [
  string,
  string,
  string,
  string,
]

beforeAll(async () => {
  {
    await using store = await opened(sound)
    await grow(store, writer, older)
  }
  await type(`backup ${sound} ${oldBackup}`)
  {
    await using store = await opened(sound)
    await grow(store, writer, size)
    await cosign(store, writer, 2)
  }
  // Opening and closing moves the entries from the log into a table.
  await (await opened(sound))[Symbol.asyncDispose]()
  await type(`backup ${sound} ${backup}`)
  await type(`export ${sound} ${exported}`)
})
afterAll(() => places.remove())

/** A copy of the sound store in which a bit of an entry is another, and where that is. */
async function damaged(seq: number) {
  const directory = places.next()
  await cp(sound, directory, { recursive: true })
  const entry = writer.entries[seq] as Uint8Array
  return { directory, ...(await flipBit(directory, entry.subarray(20, 60))) }
}

describe('an audit of a damaged store', () => {
  test('names the entry, the file and its bytes; what it says is typed and mends it', async () => {
    const { directory, file, at } = await damaged(7)
    const before = treeOf(directory)
    const { exit, out, ...ended } = await type(`audit ${directory}`)
    expect([exit, out]).toEqual([1, ''])
    expect(ended.err).toMatch('error: The disk of the ledger holds other bytes than were written')
    expect(ended.err).toMatch('why    entry 7: the bytes are not those that were written\n')
    const [, from, to] = /where {2}.*, bytes (\d+) to (\d+): the checksum/.exec(ended.err) ?? []
    expect(ended.err).toMatch(`where  ${file}, bytes`)
    expect([Number(from) <= at, at <= Number(to)]).toEqual([true, true])
    expect(treeOf(directory)).toBe(before)
    const repaired = await typing(nextOf({ exit, out, ...ended }, backup))
    expect([repaired.exit, repaired.err]).toEqual([0, ''])
    expect(repaired.out).toMatch(`entries    ${size}, the last`)
    expect(repaired.out).toMatch(`damaged    moved to ${join(directory, 'quarantine-1')}\n`)
    expect(repaired.out).toMatch('kept rows  all are as they were\n')
    const audited = JSON.parse((await typing([...nextOf(repaired), '--json'])).out)
    expect(audited).toMatchObject({ size, checkpoints: 1, cosignatures: 2 })
    expect(treeOf(backup)).not.toMatch('scratch')
  })

  test('says so in JSON, on stdout', async () => {
    const { directory, file } = await damaged(7)
    const { failed } = JSON.parse((await type(`audit ${directory} --json`)).out)
    expect(failed).toMatchObject({ exit: 1, code: 'ledger.damaged', at: 'entry 7' })
    expect(failed.where).toMatchObject({ file, found: expect.stringContaining('checksum') })
    expect(failed.next[0]).toBe(`nexapod ledger repair ${directory} --from SOURCE`)
  })

  test('is what every other command comes to, and a sound part can be shown', async () => {
    const { directory, file } = await damaged(size - 2)
    const to = places.next()
    const lines = [`show ${directory}`, `backup ${directory} ${to}`, `restore ${directory} ${to}`]
    for (const line of [...lines, `export ${directory} ${to}`, `show ${directory} ${size - 2}`]) {
      const { exit, err } = await type(line)
      expect(exit, line).toBe(1)
      expect(err).toMatch(`where  ${file}, bytes `)
      expect(err).toMatch(`next   nexapod ledger repair ${directory} --from SOURCE\n`)
    }
    await expect(readdir(to)).rejects.toThrow()
  })

  test('says that a disk is failing, also where what it changed counts no more', async () => {
    const directory = places.next()
    await cp(sound, directory, { recursive: true })
    const level = join(directory, 'now', 'level')
    const [oldest = ''] = (await readdir(level)).filter((name) => name.endsWith('.ldb')).sort()
    const table = await readFile(join(level, oldest))
    await writeFile(join(level, oldest), table.with(30, (table[30] as number) ^ 1))
    const { exit, out, err } = await type(`audit ${directory}`)
    expect(exit).toBe(1)
    expect(out).toMatch('found         nothing wrong in the ledger\n')
    expect(err).toMatch(`where  ${join(level, oldest)}, bytes 0 to `)
    expect(err).toMatch(`nexapod ledger backup ${directory} TO\n`)
    const { failed, size: counted } = JSON.parse((await type(`audit ${directory} --json`)).out)
    expect([failed.exit, counted]).toEqual([1, size])
    const copy = places.next()
    expect((await type(`backup ${directory} ${copy}`)).exit).toBe(0)
    expect((await type(`audit ${copy}`)).exit).toBe(0)
  })

  test('knows where nothing is wrong but that an end is gone, or an anchor', async () => {
    const [cut, loose] = [places.next(), places.next()]
    await cp(sound, cut, { recursive: true })
    await rm(join(cut, 'now', 'level'), { recursive: true })
    await cp(join(oldBackup, 'now', 'level'), join(cut, 'now', 'level'), { recursive: true })
    const { exit, err } = await type(`audit ${cut}`)
    expect(exit).toBe(1)
    expect(err).toMatch(/why {4}tip: the last \d+ acknowledged writes are gone\n/)
    expect(err).toMatch(
      "where  all of LevelDB's own checksums hold: the bytes were written so, or ",
    )
    await cp(sound, loose, { recursive: true })
    await writeFile(join(loose, 'now', 'anchor'), 'short')
    expect((await type(`audit ${loose}`)).err).toMatch(
      `where  ${join(loose, 'now', 'anchor')}, from`,
    )
  })

  test('tells an entry that was written against a rule from a disk that is bad', async () => {
    const directory = places.next()
    const liar = new Writer().fill(20)
    const low: Fact = { type: 'fences', below: 1 }
    liar.write(low)
    {
      await using store = await opened(directory)
      await grow(store, liar, 21)
    }
    const { exit, err } = await type(`audit ${directory}`)
    expect(exit).toBe(1)
    expect(err).toMatch('error: A fact breaks a rule of the ledger.\n  why    entry 20: a block of')
    expect(err).toMatch("where  all of LevelDB's own checksums hold: it was written so\n")
    expect(err).toMatch(`next   nexapod ledger show ${directory} 20\n`)
    expect((await type(`show ${directory} 20`)).out).toMatch('fences  below 1\n')
  })

  test('says what a coordinator found before', async () => {
    const { directory } = await damaged(7)
    await writeFile(join(directory, 'now', 'damaged'), 'entry 7: the bytes are not as written')
    const { err } = await type(`audit ${directory}`)
    expect(err).toMatch('why    found before: entry 7: the bytes are not')
  })
})

describe('repair', () => {
  test('takes an older backup, then what is left here', async () => {
    const { directory } = await damaged(7)
    const { exit, out } = await type(`repair ${directory} --from ${oldBackup}`)
    expect(exit).toBe(0)
    expect(out).toMatch(`${older} from ${oldBackup}\n`)
    expect(out).toMatch(`${size - older} from what was left in ${directory}\n`)
    expect((await type(`audit ${directory}`)).exit).toBe(0)
  })

  test('says what is still missing, and takes it from a file', async () => {
    const { directory } = await damaged(older + 3)
    const some = await type(`repair ${directory} --from ${oldBackup}`)
    expect(some.exit).toBe(1)
    const missing = size - older - 3
    expect(some.err).toMatch(`error: ${missing} entries are still missing.\n  why   ${size} were`)
    expect(some.out).toMatch(`entries    ${older + 3}, the last`)
    const again = await type(`repair ${directory} --from ${oldBackup} --json`)
    expect(JSON.parse(again.out)).toMatchObject({ size: older + 3, failed: { exit: 1 } })
    const whole = await typing(nextOf(some, exported))
    expect([whole.exit, whole.err]).toEqual([0, ''])
    expect(whole.out).toMatch(`${size} from ${exported}\n`)
    expect(JSON.parse((await type(`audit ${directory} --json`)).out)).toMatchObject({ size })
  })

  test('goes on with the next source where one is damaged or cut', async () => {
    const [{ directory }, other] = [await damaged(7), await damaged(40)]
    const cut = places.next()
    await writeFile(cut, (await readFile(exported)).subarray(0, 9000))
    const before = treeOf(other.directory)
    const from = [cut, other.directory, backup].map((one) => `--from ${one}`).join(' ')
    const { exit, out } = await type(`repair ${directory} ${from} --json`)
    expect(exit).toBe(0)
    const { taken, size: made } = JSON.parse(out)
    expect(made).toBe(size)
    expect(taken[0]).toMatchObject({ name: cut, refusal: { code: 'bytes.truncated' } })
    expect(taken[1]).toMatchObject({ refusal: { code: 'ledger.damaged' } })
    expect(taken[0].entries + taken[1].entries).toBe(40)
    expect(taken[2]).toEqual({ name: backup, entries: size - 40 })
    expect(treeOf(other.directory)).toBe(before)
  })

  test('makes a ledger where all is lost', async () => {
    const directory = places.next()
    const { exit, out } = await type(`repair ${directory} --from ${exported}`)
    expect(exit).toBe(0)
    expect(out).not.toMatch('quarantine')
    expect(await readdir(directory)).toEqual(['lock', 'now'])
  })

  test('changes nothing for a source of another history, or of none', async () => {
    const { directory } = await damaged(7)
    const [other, garbage, links] = [places.next(), places.next(), places.next()]
    {
      await using store = await opened(other)
      await grow(store, new Writer(meshOf(3, 2)).fill(60), 60)
    }
    await writeFile(garbage, 'entries, honestly')
    const { entries } = writer
    const wrong = [entries[0], entries[1], entries[3]].map((entry) => entry as Uint8Array)
    await writeFile(links, await frames(wrong))
    const before = treeOf(directory)
    const history = await type(`repair ${directory} --from ${other}`)
    expect(history).toMatchObject({ exit: 1, out: '' })
    expect(history.err).toMatch('The sources have another history: nothing was changed.\n')
    expect(history.err).toMatch(`nexapod ledger show ${other}\n`)
    const broken = await type(`repair ${directory} --from ${links}`)
    expect(broken.err).toMatch(`error: Entry 2 of ${links} cannot be taken: nothing was changed.\n`)
    const none = await type(`repair ${directory} --from ${garbage}`)
    expect(none.err).toMatch('it is a file that export did not write\n')
    const self = await type(
      `repair ${directory} --from ${directory}/../${directory.split('/').at(-1)}`,
    )
    expect(self).toMatchObject({ exit: 2 })
    expect(self.err).toMatch('is not repaired from itself')
    expect(treeOf(directory)).toBe(before)
  })

  test('does not touch a directory of something else', async () => {
    const foreign = places.next()
    await cp(join(sound, 'now'), join(foreign, 'photos'), { recursive: true })
    const { exit, err } = await type(`repair ${foreign} --from ${backup}`)
    expect(exit).toBe(1)
    expect(err).toMatch('there is photos')
    expect(await readdir(foreign)).toEqual(['photos'])
  })
})

/** A file of entries, as export writes it. */
async function frames(entries: readonly Uint8Array[]): Promise<Buffer> {
  const magic = (await readFile(exported)).subarray(0, 18)
  const framed = entries.flatMap((entry) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(entry.length)
    return [length, entry]
  })
  return Buffer.concat([magic, ...framed, Buffer.alloc(4)])
}
