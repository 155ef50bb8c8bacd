import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { delegationDocument, ed25519, open } from '@nexapod/specs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { claimIn, claimNode } from './claim.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nexapod-claim-'))
})
afterEach(() => rm(directory, { recursive: true }))

const owner = ed25519.signer(new Uint8Array(32).fill(1))
const day = 86_400_000

describe('a node that is claimed', () => {
  test('says so with two signatures that hold, and the last claim counts', async () => {
    const other = ed25519.signer(new Uint8Array(32).fill(2))
    expect((await claimNode(directory, other, 1000, 1000 + day)).ok).toBe(true)
    const claimed = await claimNode(directory, owner, 2000, 2000 + day)
    const found = await claimIn(directory)
    if (!claimed.ok || !found.ok || found.value === undefined) throw new Error('it was not claimed')
    expect(open(delegationDocument, found.value)).toEqual(claimed)
    expect(claimed.value).toMatchObject({ owner: owner.id, issued: 2000, expires: 2000 + day })
    expect((await stat(join(directory, 'key'))).mode & 0o777).toBe(0o600)
  })

  test('is nobody’s before that', async () => {
    expect(await claimIn(directory)).toEqual({ ok: true, value: undefined })
  })

  test('cannot be claimed with its own key', async () => {
    await writeFile(join(directory, 'key'), `${'01'.repeat(32)}\n`, { mode: 0o600 })
    const claimed = await claimNode(directory, owner, 1000, 1000 + day)
    expect(claimed).toMatchObject({ ok: false, refusal: { code: 'document.rule' } })
  })

  test('does not begin with a damaged claim, and says where it is', async () => {
    await writeFile(join(directory, 'owner'), 'mine')
    const at = join(directory, 'owner')
    expect(await claimIn(directory)).toMatchObject({ ok: false, refusal: { at } })
  })
})
