import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { forkProof } from '@nexapod/ledger'
import {
  type CoordinatorId,
  checkpointDocument,
  digestText,
  type Fork,
  open,
  sha256,
  sign,
} from '@nexapod/specs'
import { afterAll, describe, expect, test } from 'vitest'
import { keyNamed } from '../../test/cast.ts'
import { ScriptedChain } from '../../test/scripted-chain.ts'
import { Folders, listLog, valued } from '../../test/scripted-mesh.ts'
import { Forks } from './forks.ts'

type Lie = Parameters<typeof forkProof>[0]

const folders = new Folders()
afterAll(() => folders.remove())

const right = new ScriptedChain().grow(4)
const fork = forkProof(
  right.branch().grow(1).checkpoint(),
  right.branch().grow(1, 7).checkpoint(),
) as Fork
const standOf = () => ({ epoch: 0, writer: right.signer.id as CoordinatorId })

describe('proofs of forks', () => {
  test('are there again after a restart, and taken once', async () => {
    const directory = folders.next()
    const forks = await Forks.open(directory, listLog())
    forks.standOf = standOf
    expect(valued(await forks.take(fork))?.says.size).toBe(6)
    expect(valued(await forks.take(fork))).toBeUndefined()
    const again = await Forks.open(directory, listLog())
    expect(again.of(right.chain)?.fork).toEqual(fork)
    expect(again.isFrozen(right.chain, 0)).toBe(true)
    expect(await readdir(directory)).toEqual([`${right.chain}-0.fork`])
  })

  test('by a key that does not write the epoch freeze nothing, and hide no true one', async () => {
    const forks = await Forks.open(folders.next(), listLog())
    forks.standOf = standOf
    const lies = [5, 6].map((size) => {
      const liar = keyNamed('lea')
      const says = valued(open(checkpointDocument, right.checkpoint()))
      const state = digestText(sha256(Uint8Array.of(size)))
      const lie = { ...says, coordinator: liar.id as CoordinatorId, state }
      return sign(checkpointDocument, lie, liar)
    })
    const lie = forkProof(lies[0] as Lie, lies[1] as Lie) as Fork
    expect(await forks.take(lie)).toMatchObject({ ok: false, refusal: { code: 'proof.false' } })
    expect(forks.isFrozen(right.chain, 0)).toBe(false)
    expect(valued(await forks.take(fork))?.says.size).toBe(6)
    expect(forks.isFrozen(right.chain, 0)).toBe(true)
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
