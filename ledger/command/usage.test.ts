import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ctrlC, type, typing } from '../test/shells.ts'
import { Places } from '../test/stores.ts'
import { commands } from './commands.ts'

const places = new Places()
afterAll(() => places.remove())

describe('help', () => {
  test('lists every command, on stdout', async () => {
    for (const line of ['--help', 'help', '-h']) {
      const { exit, out, err } = await type(line)
      expect([exit, err]).toEqual([0, ''])
      for (const { name, about } of commands)
        expect(out).toMatch(`  ${name.padEnd(11)}  ${about}\n`)
    }
    expect((await typing([])).out).toBe((await type('--help')).out)
  })

  test.each(commands)('of $name says how it is typed, and what each option does', async (one) => {
    const { exit, out } = await type(`${one.name} --help`)
    expect(exit).toBe(0)
    for (const usage of one.usages) expect(out).toMatch(`nexapod ledger ${one.name} ${usage}\n`)
    for (const [name, { about }] of Object.entries(one.options)) {
      expect(out).toMatch(`--${name}`)
      expect(out).toMatch(about)
    }
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
    expect((await type(`help ${one.name}`)).out).toBe(out)
  })
})

describe('what is mistyped', () => {
  test.each([
    ['adit /tmp/a', 'There is no command "adit"', 'nexapod ledger audit /tmp/a'],
    ['--json audit /tmp/a', 'The command comes first', 'nexapod ledger audit --json /tmp/a'],
    ['--json', 'There is no command', 'nexapod ledger --help'],
    ['audit /tmp/a --jsno', 'audit has no option --jsno', 'nexapod ledger audit /tmp/a --json'],
    ['repair a --form=b', 'repair has no option --form', 'nexapod ledger repair a --from=b'],
    ['audit -j', 'audit has no option -j', 'nexapod ledger audit --help'],
    ['audit', 'audit needs more', 'nexapod ledger audit --help'],
    ['backup a b c', '"c" is one word too many', 'nexapod ledger backup --help'],
    ['verify a --roster', 'That is no way to say --roster', 'nexapod ledger verify --help'],
    [
      'verify a --roster=b --roster=c',
      'That is no way to say --roster',
      'nexapod ledger verify --help',
    ],
    ['audit a --json=yes', 'That is no way to say --json', 'nexapod ledger audit --help'],
    ['show a 3-1', '"3-1" is no entry', 'nexapod ledger show --help'],
    ['show a 1-2-3', '"1-2-3" is no entry', 'nexapod ledger show --help'],
    ['show a 0 --roster', '"0" does not go with --roster', 'nexapod ledger show --help'],
    ['proof a', 'Either an entry is proven', 'nexapod ledger proof --help'],
    ['proof a 1 --from 2', 'Either an entry is proven', 'nexapod ledger proof --help'],
    ['proof a 1 --size x', '"x" is no number of entries', 'nexapod ledger proof --help'],
    ['certificate a', 'Either an account is certified', 'nexapod ledger certificate --help'],
    ['certificate a --entry x', '"x" is no entry', 'nexapod ledger certificate --help'],
    ['certificate a --account me', '"me" is no account', 'nexapod ledger certificate --help'],
    ['certificate a --entry 1 --json', 'A certificate is bytes', 'add --out FILE'],
    ['verify a', 'Without a roster', 'ask somebody you trust'],
    ['repair a', 'Without a source', 'nexapod ledger repair a --from SOURCE'],
  ])('%s is refused with what is meant, and exit code 2', async (line, what, next) => {
    const { exit, out, err } = await type(line)
    expect(exit).toBe(2)
    expect(err).toMatch(`error: ${what}`)
    expect(err).toMatch(`\n  next  ${next}`)
    if (!line.includes('--json')) expect(out).toBe('')
  })
})

describe('a directory that holds no ledger', () => {
  const reads = [
    ...['audit DIR', 'show DIR', 'show DIR 0', 'show DIR --roster', 'proof DIR 0', 'export DIR x'],
    ...['certificate DIR --entry 0', 'backup DIR NEW', 'restore DIR NEW', 'repair NEW --from DIR'],
  ]

  test.each(reads)('is not found: %s', async (line) => {
    const [gone, file, empty, foreign] = Array.from({ length: 4 }, () => places.next())
    await writeFile(String(file), 'text')
    await mkdir(String(empty))
    await mkdir(join(String(foreign), 'photos'), { recursive: true })
    for (const directory of [gone, file, empty, foreign]) {
      if (directory === file && line.startsWith('repair')) continue
      const to = places.next()
      const { exit, err } = await type(line.replace('DIR', String(directory)).replace('NEW', to))
      expect(exit, err).toBe(3)
      expect(err).toMatch(
        directory === gone && line.startsWith('repair') ? 'no source' : 'no ledger',
      )
      await expect(readdir(to)).rejects.toThrow()
    }
    // Looking leaves no trace.
    await expect(readdir(String(gone))).rejects.toThrow()
    expect(await readdir(String(empty))).toEqual([])
    expect(await readdir(String(foreign))).toEqual(['photos'])
  })

  test('though one lies in it names that one: it is the directory of a coordinator', async () => {
    const directory = places.next()
    await mkdir(join(directory, 'ledger', 'now'), { recursive: true })
    const { exit, err } = await typing(['audit', directory])
    expect(exit).toBe(3)
    expect(err).toMatch(`next  name the one in it: ${join(directory, 'ledger')}\n`)
  })

  test('is said in JSON to who asks for it, with the next command fit to be typed', async () => {
    const directory = `${places.next()} it's`
    const { out, err } = await typing(['audit', directory, '--json'])
    const { failed } = JSON.parse(out)
    expect(failed).toMatchObject({ exit: 3, what: `There is no ledger in ${directory}.` })
    const quoted = `'${directory.replace("'", "'\\''")}'`
    expect(failed.next[1]).toBe(`nexapod ledger restore BACKUP ${quoted}`)
    expect(err).toMatch(failed.why)
  })
})

test('an error is red where colours are wanted, and nowhere else', async () => {
  expect((await type('adit', { hasColor: true })).err).toMatch('\x1b[1;31merror\x1b[0m: ')
  expect((await type('adit')).err).toMatch(/^error: There/)
})

test('what was interrupted says so, and exits with 130', async () => {
  const { exit, err } = await type('--help', { signal: ctrlC() })
  expect([exit, err]).toEqual([130, 'Interrupted.\n'])
})
