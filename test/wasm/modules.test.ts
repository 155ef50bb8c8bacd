import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { missing } from '../config.ts'

const run = promisify(execFile)
const wasm = fileURLToPath(new URL('../../node/executors/wasm/', import.meta.url))

/** Another version of clang makes other bytes, which are as good and not these. */
const clang = await run('clang', ['--version']).then(
  ({ stdout }) => stdout.includes('clang version 14.'),
  () => false,
)
const isThere = clang && existsSync('/usr/include/wasm32-wasi/wasi/api.h')

test.skipIf(missing('clang', isThere))(
  'the modules are what is built of the sources beside them, byte for byte',
  async () => {
    const into = await mkdtemp(join(tmpdir(), 'nexapod-modules-'))
    try {
      await run(join(wasm, 'scripts/build.sh'), [into])
      for (const module of ['benchmark/kernel', 'test/modules/suite', 'test/modules/probes']) {
        const [built, committed] = await Promise.all([
          readFile(join(into, `${module}.wasm`)),
          readFile(join(wasm, `${module}.wasm`)),
        ])
        expect(built.equals(committed), module).toBe(true)
      }
    } finally {
      await rm(into, { recursive: true })
    }
  },
)
