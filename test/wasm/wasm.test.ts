import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { programs } from '../../specs/examples/wasm-programs.ts'
import { refusals } from '../../specs/examples/wasm-refused.ts'
import { hostFunctions } from '../../specs/wasm/face.ts'
import { prepare } from '../../specs/wasm/prepare.ts'
import { Chance } from '../fuzz/chance.ts'
import { generate } from './generator.ts'
import { interpret } from './interpreter.ts'
import { mutate } from './mutants.ts'
import { bare, expected, observe } from './observation.ts'

const specs = join(import.meta.dirname, '../../specs/wasm')
const { runs, refused } = JSON.parse(readFileSync(join(specs, 'vectors.json'), 'utf8')).documents
  .wasm
const drawn = Math.floor(Math.random() * 2 ** 31)

test.each(programs)('a program $name ends as the prose says', (program) => {
  const { name, module, memoryBytesMax, fuel } = program
  const vector = runs.find((each: { name: string }) => each.name === name)
  const told = interpret(module, memoryBytesMax, BigInt(fuel))
  expect({ ended: vector.ended, fuel: String(vector.fuel), memory: vector.memory }).toEqual(told)
})

test('every ending has its vector, and so has every code of a refusal', () => {
  const endings = new Set(runs.map(({ ended }: { ended: string }) => ended))
  expect([...endings].sort()).toEqual(['exit', 'out-of-fuel', 'stack-limit', 'trap'])
  const codes = new Set(refused.map(({ code }: { code: string }) => code))
  expect([...codes].sort()).toEqual([
    'wasm.bound',
    'wasm.export',
    'wasm.feature',
    'wasm.import',
    'wasm.malformed',
  ])
})

test.each(refusals)('a module $name is malformed only if it is not valid', ({ name, module }) => {
  const { code } = refused.find((each: { name: string }) => each.name === name)
  const isValid = WebAssembly.validate(module as BufferSource)
  if (isValid) expect(code).not.toBe('wasm.malformed')
})

test('generated modules do as the interpreter of the prose, bare and with less fuel too', () => {
  for (let seed = drawn; seed < drawn + 120; seed++) {
    const observation = observe(seed)
    expect(observation, `seed ${seed}`).toEqual(expected(seed))
    expect(bare(seed, observation), `seed ${seed}`).not.toBe('other')
  }
})

test.each(['--liftoff-only', '--no-liftoff'])(
  'generated modules do the same under %s',
  (flag) => {
    const child = fileURLToPath(new URL('./child.ts', import.meta.url))
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [flag, child, `--seed=${drawn}`, '--modules=40'],
      { encoding: 'utf8' },
    )
    expect(stderr, `seed ${drawn}`).toBe('')
    const told = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const here = told.map(({ seed }) => {
      const observation = observe(seed)
      return { ...observation, bare: bare(seed, observation) }
    })
    expect(told, `seed ${drawn}`).toEqual(here)
    expect(told).toHaveLength(40)
  },
  60_000,
)

test('whatever is on the stack, its limit comes before its end, in each tier alike', () => {
  const child = fileURLToPath(new URL('./frames-child.ts', import.meta.url))
  const told = ['--liftoff-only', '--no-liftoff'].map((flag) => {
    const { stdout, stderr } = spawnSync(process.execPath, [flag, child], { encoding: 'utf8' })
    expect(stderr).toBe('')
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  })
  expect(told[0]).toEqual(told[1])
  const endings = told.flat().map(({ ended }) => ended)
  expect(endings).toEqual(Array(endings.length).fill('stack-limit'))
})

test('mutants are never taken if they are not valid, nor called malformed if they are', () => {
  const modules = Array.from({ length: 40 }, (_, i) => generate(drawn + i).bytes)
  modules.push(...programs.map(({ module }) => module))
  const { counts, wrong } = mutate(modules, 4000, new Chance(drawn, 7))
  expect(wrong, `seed ${drawn}`).toEqual([])
  expect(counts.taken).toBeGreaterThan(100)
  expect(counts['wasm.malformed']).toBeGreaterThan(100)
})

test('the same module gives the same bytes, wherever its own lie', () => {
  for (const { module, memoryBytesMax } of programs) {
    const shifted = Buffer.concat([Buffer.of(1, 2, 3), module]).subarray(3)
    const one = prepare(module, memoryBytesMax)
    expect(prepare(shifted, memoryBytesMax)).toEqual(one)
  }
})

test('the table of host functions in the prose is that of the code', () => {
  const prose = readFileSync(join(specs, 'wasm.md'), 'utf8')
  const pairs = [...prose.matchAll(/`([a-z]+_[a-z_]+)` \| `([iI]*:i?)`/g)]
  const named = Object.fromEntries(pairs.map(([, name, type]) => [name, type]))
  expect(named).toEqual(hostFunctions)
})
