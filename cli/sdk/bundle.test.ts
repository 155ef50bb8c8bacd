import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkBundle } from './bundle.ts'

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nexapod-bundle-'))
})
afterEach(() => rm(directory, { recursive: true }))

const signal = new AbortController().signal

test.each(['/dev/zero', '/proc/self/mem', '.'])(
  'a proof that is a link to %s is none',
  async (to) => {
    await symlink(to, join(directory, 'proof.cbor'))
    const refusal = { code: 'bundle.false', at: 'proof.cbor' }
    expect(await checkBundle(directory, { signal })).toMatchObject({ ok: false, refusal })
  },
)

test('where nothing is, the proof is what is missing', async () => {
  const refusal = { code: 'bundle.missing', at: 'proof.cbor' }
  expect(await checkBundle(directory, { signal })).toMatchObject({ ok: false, refusal })
})
