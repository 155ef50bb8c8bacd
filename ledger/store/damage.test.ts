import { execFileSync } from 'node:child_process'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChainId, Digest, MeshId, Signer } from '@nexapod/specs'
import { afterAll, describe, expect, test } from 'vitest'
import { meshOf, signers, Writer } from '../test/chains.ts'
import {
  all,
  codeOf,
  entries,
  filled,
  opened,
  Places,
  taken,
  takenOf,
  valued,
  writer,
} from '../test/stores.ts'
import { audit, lookHere, openStore, type Repaired, repair } from './index.ts'

const places = new Places()
const place = () => places.next()
afterAll(() => places.remove())

const signer = signers[0] as Signer
const state = '7'.repeat(64) as Digest

describe('what cannot be opened is refused, and nothing is lost', () => {
  test('a directory that is open already', async () => {
    const directory = place()
    await using store = await filled(directory, 3)
    expect(codeOf(await openStore({ directory }))).toBe('ledger.locked')
    expect(codeOf(await audit(directory))).toBe('ledger.locked')
    expect(codeOf(await repair(directory, entries))).toBe('ledger.locked')
    expect(valued(await store.append(taken.slice(3, 5))).size).toBe(5)
  })

  test('one of another chain, mesh or version, and one of something else', async () => {
    const directory = place()
    await (await filled(directory, 3))[Symbol.asyncDispose]()
    const chain = state as Digest as ChainId
    const mesh = state as Digest as MeshId
    expect(codeOf(await openStore({ directory, chain, look: lookHere }))).toBe('ledger.other')
    expect(codeOf(await openStore({ directory, mesh, look: lookHere }))).toBe('ledger.other')
    const own = { chain: writer.chain, mesh: writer.meshId }
    await valued(await openStore({ directory, ...own, look: lookHere }))[Symbol.asyncDispose]()
    await writeFile(join(directory, 'now', 'format'), 'nexapod ledger 2\n')
    expect(codeOf(await openStore({ directory }))).toBe('ledger.version')
    await writeFile(join(directory, 'now', 'format'), 'nexapod ledger 1\n')
    await using store = await opened(directory)
    expect(store.tip.size).toBe(3)
    const foreign = place()
    await mkdir(join(foreign, 'photos'), { recursive: true })
    expect(codeOf(await openStore({ directory: foreign }))).toBe('ledger.version')
  })

  test('a place where no directory can be made', async () => {
    const file = place()
    await writeFile(file, '')
    expect(codeOf(await openStore({ directory: join(file, 'ledger') }))).toBe('ledger.stopped')
  })

  test('an end that was acknowledged and is gone', async () => {
    const [directory, old] = [place(), place()]
    await (await filled(directory, 5))[Symbol.asyncDispose]()
    await cp(join(directory, 'now', 'level'), old, { recursive: true })
    {
      await using store = await opened(directory)
      valued(await store.append(taken.slice(5, 6)))
    }
    await rm(join(directory, 'now', 'level'), { recursive: true })
    await cp(old, join(directory, 'now', 'level'), { recursive: true })
    const answer = await openStore({ directory })
    expect(answer).toMatchObject({ refusal: { code: 'ledger.damaged', at: 'tip' } })
  })
})

describe('damage', () => {
  test('that is found while reading stops the store, until it is repaired', async () => {
    const directory = place()
    await (await filled(directory, 600))[Symbol.asyncDispose]()
    // Opening and closing moves the entries from the log into a table, where nothing checks them.
    await (await opened(directory))[Symbol.asyncDispose]()
    await flip(directory, (entries[7] as Uint8Array).subarray(20, 60))
    const looked = await audit(directory)
    expect(looked).toMatchObject({ refusal: { code: 'ledger.damaged', at: 'entry 7' } })
    {
      await using store = await opened(directory)
      expect(codeOf(await store.entry(599))).toBe('ok')
      expect(codeOf(await store.entry(7))).toBe('ledger.damaged')
      expect(codeOf(await store.append(taken.slice(600, 601)))).toBe('ledger.damaged')
      expect(codeOf(await store.entry(6))).toBe('ledger.damaged')
    }
    expect(codeOf(await openStore({ directory }))).toBe('ledger.damaged')
    const mended = valued(await repair(directory, entries.slice(0, 100)))
    expect(mended).toMatchObject({ tip: { size: 600 }, known: { size: 600 }, rows: 'all' })
    expect(await readdir(directory)).toContain('quarantine-1')
    await using store = await opened(directory)
    expect(await all(store)).toHaveLength(600)
    expect(codeOf(await audit(directory))).toBe('ledger.locked')
  })

  test('is not repaired from another history, nor signed below what was here', async () => {
    const directory = place()
    await (await filled(directory, 50))[Symbol.asyncDispose]()
    const other = new Writer(meshOf(3, 2)).fill(60)
    const forked = new Writer().fill(10)
    forked.time += 5
    forked.fill(60)
    for (const size of [60, 20]) {
      const stranger = await repair(directory, other.entries.slice(0, size))
      expect(codeOf(stranger)).toBe('ledger.other')
      const lie = await repair(directory, forked.entries.slice(0, size))
      expect(codeOf(lie)).toBe('chain.checkpoint')
    }
    await (await opened(directory))[Symbol.asyncDispose]()
    await rm(join(directory, 'now', 'level'), { recursive: true })
    const mended: Repaired = valued(await repair(directory, entries.slice(0, 40)))
    expect(mended).toMatchObject({ tip: { size: 40 }, known: { size: 50 } })
    await using store = await opened(directory)
    valued(await store.gate.witnessed([]))
    expect(codeOf(await store.gate.checkpoint(signer, { state, time: 1 }))).toBe('ledger.behind')
  })

  test('of nothing is no damage: an audit says what it found', async () => {
    const directory = place()
    const long = takenOf(new Writer().fill(5000).entries)
    {
      await using store = await opened(directory)
      for (let at = 0; at < 5000; at += 250) {
        valued(await store.append(long.slice(at, at + 250)))
      }
    }
    const before = await tree(directory)
    const steps: number[] = []
    const whole = await audit(directory, { onProgress: (done) => steps.push(done) })
    expect(valued(whole)).toMatchObject({ tip: { size: 5000 }, checkpoints: 0 })
    expect(steps.slice(0, 3)).toEqual([250, 500, 750])
    expect(await tree(directory)).toEqual(before)
    await expect(audit(directory, { signal: AbortSignal.abort() })).rejects.toThrow()
  })
})

/** Flips one bit of whatever file of LevelDB holds these bytes. */
async function flip(directory: string, needle: Uint8Array): Promise<void> {
  const level = join(directory, 'now', 'level')
  for (const name of await readdir(level)) {
    const content = await readFile(join(level, name))
    const at = content.indexOf(needle)
    if (at < 0) continue
    content[at] = (content[at] as number) ^ 1
    await writeFile(join(level, name), content)
  }
}

/** What is in a directory, but for the lock. */
async function tree(directory: string): Promise<string> {
  const script = 'cd "$1" && find . -path ./lock -prune -o -type f -exec sha256sum {} + | sort'
  return execFileSync('sh', ['-c', script, 'sh', directory], { encoding: 'utf8' })
}
