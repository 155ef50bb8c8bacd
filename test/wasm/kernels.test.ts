import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { buildModule, canBuild, kernels } from '../bench/kernels/kernels.ts'
import { runModule } from '../bench/kernels/run.ts'
import { missing } from '../config.ts'
import { Chance } from '../fuzz/chance.ts'
import { mutate } from './mutants.ts'

const directory = mkdtempSync(join(tmpdir(), 'nexapod-kernels-'))
afterAll(() => rmSync(directory, { recursive: true }))

describe.skipIf(missing('clang', canBuild))('of modules that clang makes of C', () => {
  test.each(kernels)(
    '%s says and uses the same in every process and tier',
    (kernel) => {
      buildModule(kernel, directory, 1)
      const flags = [['--no-liftoff'], ['--no-liftoff'], ['--liftoff-only'], []]
      const module = join(directory, `${kernel}.wasm`)
      const runs = flags.map((each) => runModule(module, each))
      const told = runs.map(({ text, fuel }) => ({ text, fuel }))
      expect(told).toEqual(Array(told.length).fill(told[0]))
      expect(told[0]?.text).not.toBe('')
      expect(told[0]?.fuel).toBeGreaterThan(1_000_000)
    },
    60_000,
  )

  test('mutants are never taken if they are not valid', () => {
    const seed = Math.floor(Math.random() * 2 ** 31)
    const modules = kernels.map((kernel) => buildModule(kernel, directory, 1))
    const { counts, wrong } = mutate(modules, 1500, new Chance(seed, 8))
    expect(wrong, `seed ${seed}`).toEqual([])
    expect(counts.taken).toBeGreaterThan(50)
  })
})
