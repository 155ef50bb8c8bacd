import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { buildAll, folder, moduleOf, programs } from '../../examples/build.ts'
import { checks } from '../../examples/checks.ts'
import { descriptorOf, exampleOf, writtenOf } from '../../examples/job.ts'
import { units } from '../../specs/index.ts'
import { prepare } from '../../specs/wasm/index.ts'
import { missing } from '../config.ts'

const moduleBytesMax = 100_000

const schemaPath = new URL('../../specs/job/job.schema.json', import.meta.url)
const schema = JSON.parse(readFileSync(schemaPath, 'utf8'))

describe('the modules of the examples', () => {
  test.each(programs())('%s has one, small, that the profile takes', (program) => {
    const bytes = readFileSync(join(folder, moduleOf(program)))
    expect(bytes.length).toBeLessThan(moduleBytesMax)
    expect(prepare(bytes, 64_000_000)).toMatchObject({ ok: true })
  })

  test.skipIf(missing('clang', canBuild()))(
    'are what is built of the sources beside them, byte for byte',
    () => {
      const into = mkdtempSync(join(tmpdir(), 'nexapod-modules-'))
      try {
        buildAll(into)
        for (const module of programs().map(moduleOf)) {
          const built = readFileSync(join(into, module))
          expect(built.equals(readFileSync(join(folder, module))), module).toBe(true)
        }
      } finally {
        rmSync(into, { recursive: true })
      }
    },
  )
})

describe.each(Object.keys(checks))('the descriptor of %s', (name) => {
  test('is read, and names what is there', () => {
    expect(descriptorOf(name)).toMatchObject({ ok: true })
    expect(units(exampleOf(name).job).count).toBeGreaterThan(1)
  })

  test('has nothing that an editor would mark', () => {
    const accepts = new Ajv2020({ strict: false }).compile(schema)
    expect(accepts(writtenOf(name)), JSON.stringify(accepts.errors)).toBe(true)
  })

  test('leaves the files that the check looks for', () => {
    const { outputs } = exampleOf(name).job
    const files = outputs.map(({ path }) => path.replace('/out/', ''))
    expect(files).toEqual(checks[name as keyof typeof checks].files)
  })

  test('is explained beside it', () => {
    const page = readFileSync(join(folder, name, 'README.md'), 'utf8')
    expect(page).toContain(`nexapod job submit examples/${name}/job.yaml --wait`)
    expect(page).toContain(`pnpm@12 examples check ${name} `)
  })
})

/** Another version of clang makes other bytes, which are as good and not these. */
function canBuild(): boolean {
  try {
    const said = execFileSync('clang', ['--version'], { encoding: 'utf8', stdio: 'pipe' })
    return said.includes('clang version 14.') && existsSync('/usr/include/wasm32-wasi/wasi/api.h')
  } catch {
    return false
  }
}
