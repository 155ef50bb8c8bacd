import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { emitted } from './emit.ts'

const specs = join(import.meta.dirname, '..')
const files = emitted()

test.each([...files])('%s is what the schemas and examples give', (path, text) => {
  const golden = readFileSync(join(specs, path), 'utf8')
  const hint = 'changed on purpose? run `pnpm emit`, then look at the difference: others read it'
  expect(golden === text, hint).toBe(true)
})

test('no emitted file is left over from a document that is gone', () => {
  const handmade = ['bytes', 'data', 'id', 'signed'].map((folder) => `${folder}/vectors.json`)
  const found = readdirSync(specs, { recursive: true, withFileTypes: true })
    .map((entry) => relative(specs, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith('node_modules') && /(vectors|\.schema)\.json$/.test(path))
  expect(found.filter((path) => !handmade.includes(path)).sort()).toEqual([...files.keys()].sort())
})
