import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '../../ledger/store/index.ts'
import { missing } from '../config.ts'
import { type Aftermath, canInject, crash, type End, foundAt } from './crash.ts'
import type { Power } from './power/power.ts'

let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'nexapod-crash-'))
})
afterAll(() => rm(root, { recursive: true }))

async function crashes(name: string, ends: readonly End[]): Promise<Aftermath[]> {
  const found: Aftermath[] = []
  for (const end of ends) found.push(await crash(join(root, name), end))
  return found
}

describe('what was acknowledged is there', () => {
  test.skipIf(missing('strace', canInject))(
    'after a kill at any sync, time after time',
    async () => {
      const ends = [1, 2, 5, 9, 12, 13, 14, 15].map(
        (sync): End => ({ how: 'killed at sync', sync }),
      )
      for (const { wrong } of await crashes('sync', ends)) expect(wrong).toBeUndefined()
    },
  )

  test('after a kill at any word', async () => {
    const ends = [2, 5, 11, 30].map((word): End => ({ how: 'killed at word', word }))
    for (const { wrong, size } of await crashes('word', ends)) {
      expect(wrong).toBeUndefined()
      expect(size).toBeGreaterThan(0)
    }
  })

  test.skipIf(missing('strace', canInject))(
    'after a sync that failed: it stops, and says so',
    async () => {
      const ends = [18, 19, 20].map((sync): End => ({ how: 'sync fails', sync }))
      for (const { wrong, refused } of await crashes('fails', ends)) {
        expect(wrong).toBeUndefined()
        expect(refused[0]).toMatch(/^ledger\.stopped: .*(EIO|I\/O|Input\/output)/i)
      }
    },
  )

  test('where no file may grow: it stops, and says so', async () => {
    const [full, after] = await crashes('full', [
      { how: 'disk is full', blocks: 200 },
      { how: 'killed at word', word: 4 },
    ])
    expect(full?.wrong).toBeUndefined()
    expect(full?.refused[0]).toMatch(/^ledger\.stopped: .*too large/i)
    expect(after?.wrong).toBeUndefined()
    expect(after?.size).toBeGreaterThanOrEqual(full?.size ?? 0)
  })
})

describe.skipIf(missing('strace', canInject))('a loss of power', { timeout: 120_000 }, () => {
  const lose = async (name: string, power: Power) =>
    (await crash(join(root, name), { how: 'loses power', ...power })).wrong

  test.each([
    [3, 'journal'],
    [7, 'folders'],
    [58, 'folders'],
  ] as const)('leaves what was acknowledged: seed %d, names in %s', async (seed, names) => {
    expect(await lose(`power-${seed}`, { seed, deed: 'write', names })).toBeUndefined()
  })

  test.each(['repair', 'backup', 'restore'] as const)('leaves what a %s has made', async (deed) => {
    for (const names of ['journal', 'folders'] as const) {
      expect(await lose(`${deed}-${names}`, { seed: 5, deed, names })).toBeUndefined()
    }
  })

  // Otherwise nobody would know whether a loss can be seen.
  test.each([
    ['log', /^store\/now\/level\/\d+\.log$/, 'journal', /acknowledged writes are gone/],
    ['anchor', /^store\/now\/anchor$/, 'journal', /anchor: it is of an older store/],
    ['names', /^store$/, 'folders', /are there|ledger\.damaged/],
  ] as const)('is seen where syncs do nothing: %s', async (name, path, names, wrong) => {
    const heeds = (one: string) => !path.test(one)
    let found = ''
    for (let seed = 3; seed < 20 && !wrong.test(found); seed++) {
      found = (await lose(`${name}-${seed}`, { seed, deed: 'write', names, heeds })) ?? ''
    }
    expect(found).toMatch(wrong)
  })
})

const program = fileURLToPath(new URL('./writer.ts', import.meta.url))

test('of two processes one has the store, and the other is told', async () => {
  const directory = join(root, 'two')
  const child = spawn(process.execPath, [program, directory, '10', '0'])
  const ended = once(child, 'close')
  await once(child.stdout, 'data')
  const answer = await openStore({ directory })
  expect(answer).toMatchObject({ refusal: { code: 'ledger.locked', detail: directory } })
  child.stdin.end()
  await ended
  expect(await foundAt(directory, 0)).toEqual({ size: 0 })
})

// Root may write everywhere, so that a stranger has to try; who has to get at the program.
const stranger = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
const canTry = spawnSync(process.execPath, ['--check', program], stranger).status === 0

test.skipIf(!canTry)('a directory that cannot be written is refused, and says why', async () => {
  const directory = join(root, 'still')
  const left = await crash(directory, { how: 'killed at word', word: 5 })
  await chmod(root, 0o755)
  await chmod(directory, 0o555)
  const child = spawn(process.execPath, [program, directory, '10', '1'], stranger)
  const words: Buffer[] = []
  child.stdout.on('data', (bytes) => words.push(bytes))
  await once(child, 'close')
  expect(Buffer.concat(words).toString()).toMatch(/^refused ledger\.stopped: EACCES/)
  await chmod(directory, 0o755)
  expect(await foundAt(directory, left.size)).toEqual({ size: left.size })
})
