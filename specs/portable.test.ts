import { expect, test, vi } from 'vitest'
import { toHex } from './bytes/text.ts'

test('without node:crypto, as in a browser, digests and signatures are the same', async () => {
  const here = await import('./examples/registry.ts')
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined)
  vi.resetModules()
  const there = await import('./examples/registry.ts')
  const { ed25519, portable, native } = await import('./signed/ed25519.ts')
  expect(native).toBeUndefined()
  expect(ed25519).toBe(portable)
  expect(there.kinds).not.toBe(here.kinds)
  // The examples sign, batch and digest as they are made: equal bytes are equal answers.
  const { encode } = await import('./bytes/bytes.ts')
  const bytesOf = (kinds: typeof here.kinds) =>
    kinds.flatMap(({ schema, examples }) =>
      Object.values(examples).map((value) => toHex(encode(schema, value))),
    )
  expect(bytesOf(there.kinds)).toEqual(bytesOf(here.kinds))
})
