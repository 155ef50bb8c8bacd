import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { forkProof } from '@nexapod/ledger'
import type { Fork } from '@nexapod/specs'
import { afterAll, describe, expect, test } from 'vitest'
import { ScriptedChain } from '../test/scripted-chain.ts'
import { Folders, listLog, valued } from '../test/scripted-mesh.ts'
import { Forks } from './forks.ts'

const folders = new Folders()
afterAll(() => folders.remove())

const right = new ScriptedChain().grow(4)
const fork = forkProof(
  right.branch().grow(1).checkpoint(),
  right.branch().grow(1, 7).checkpoint(),
) as Fork

describe('proofs of forks', () => {
  test('are there again after a restart, and taken once', async () => {
    const directory = folders.next()
    const forks = await Forks.open(directory, listLog())
    expect(valued(await forks.take(fork))?.says.size).toBe(6)
    expect(valued(await forks.take(fork))).toBeUndefined()
    const again = await Forks.open(directory, listLog())
    expect(again.of(right.chain)?.fork).toEqual(fork)
    expect(again.isFrozen(right.chain, 0)).toBe(true)
    expect(await readdir(directory)).toEqual([`${right.chain}-0.fork`])
  })

  test('that prove nothing are not taken, nor believed from the disk', async () => {
    const directory = folders.next()
    const forks = await Forks.open(directory, listLog())
    const same = { one: fork.one, other: fork.one }
    expect(await forks.take(same)).toMatchObject({ ok: false, refusal: { code: 'proof.false' } })
    await writeFile(join(directory, `${right.chain}-0.fork`), 'cut off')
    const again = await Forks.open(directory, listLog())
    expect(again.all).toEqual([])
    expect(await readdir(directory)).toEqual([])
  })
})
