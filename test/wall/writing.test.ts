import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { formOf, typedAt } from '../../dashboard/src/publish/fields.ts'
import { offerAt } from '../../dashboard/src/publish/offer.ts'
import { pathOf, pathText } from '../../dashboard/src/publish/path.ts'
import type { Field } from '../../dashboard/src/publish/told.ts'
import { Written } from '../../dashboard/src/publish/written.ts'
import { zipOf } from '../../dashboard/src/publish/zip.ts'
import { folder } from '../../examples/build.ts'

const examples = ['pi', 'lorenz-96', 'lennard-jones', 'secondary-structure', 'quantum']
const exampleText = (name: string) => readFile(join(folder, name, 'job.yaml'), 'utf8')

/** All fields of a form that hold a value. */
function leaves(field: Field): Field[] {
  return field.fields.length === 0 ? [field] : field.fields.flatMap(leaves)
}

describe('a descriptor that is being written', () => {
  test.each(examples)('is read without a fault: %s', async (name) => {
    expect(new Written(await exampleText(name)).faults).toEqual([])
  })

  test.each(examples)('says the same when its form is filled in with itself: %s', async (name) => {
    const before = new Written(await exampleText(name))
    for (const { path, kind, value } of leaves(formOf(before))) {
      if (kind === 'map' || kind === 'list') continue
      const text = before.with(path, typedAt(path, value))
      expect(new Written(text).draft, pathText(path)).toEqual(before.draft)
      expect(text).toContain('# yaml-language-server')
    }
  })

  const wrong: [string, string, string, string][] = [
    ['an unknown key', 'name: a\nprojct: b\n', 'document.unknown-key', 'projct'],
    ['a value of another type', 'name: [1]\n', 'document.type', '[1]'],
    ['a value out of bounds', 'priority: 11\n', 'document.bounds', '11'],
    ['a path that leads out', 'outputs: [{ path: /out/../a }]\n', 'job.unsafe-path', '/out/../a'],
    ['what is no YAML', 'name: "a\n', 'document.form', ''],
    ['a key of an item', 'inputs:\n  - paht: /in/a\n', 'document.unknown-key', 'paht'],
  ]
  test.each(wrong)('names the place of %s', (_, text, code, at) => {
    const { faults } = new Written(text)
    const fault = faults.find((one) => one.code === code)
    expect(text.slice(fault?.from, fault?.to)).toBe(at)
    expect(fault?.todo).not.toBe('')
  })

  test('is refused, not obeyed, where aliases multiply', () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x]']
    for (let i = 0; i < 12; i++) {
      const [from, to] = ['abcdefghijklmn'[i], 'abcdefghijklmn'[i + 1]]
      lines.push(`${to}: &${to} [${Array.from({ length: 9 }, () => `*${from}`).join(', ')}]`)
    }
    expect(new Written(lines.join('\n')).faults[0]).toMatchObject({ code: 'document.form' })
  })

  test('keeps all digits of a number that is typed', () => {
    const written = new Written('resources: { ram_gb: 1 }\n')
    const path = ['resources', 'ram_gb']
    expect(written.with(path, typedAt(path, '0.50'))).toContain('ram_gb: 0.50')
    expect(written.with(path, typedAt(path, 'much'))).toContain('ram_gb: much')
  })
})

describe('what may stand at the cursor', () => {
  /** The labels that are offered where `|` stands. */
  const offered = (text: string) => {
    const at = text.indexOf('|')
    const offer = offerAt(text.replace('|', ''), at, ['pi.wasm'])
    return offer?.items.map(({ label }) => label) ?? []
  }

  test('are the keys that the map has not', () => {
    expect(offered('nexapod: v1\nname: a\n|')).toContain('executors')
    expect(offered('nexapod: v1\nname: a\n|')).not.toContain('name')
    expect(offered('|\nname: a\n')).not.toContain('name')
    expect(offered('executors:\n  - module: ./a\n    std|')).toEqual(['stdin', 'stdout', 'stderr'])
    expect(offered('executors:\n- module: ./a\n  std|')).toEqual(['stdin', 'stdout', 'stderr'])
    expect(offered('outputs:\n  - |')).toContain('path')
    expect(offered('resources: { ram_gb: 1, |')).toContain('fuel')
    expect(offered('resources: { ram_gb: 1, |')).not.toContain('ram_gb')
    expect(offered('outputs: [{ path: /out/a }]\nresources:\n  se|')).toEqual(['seconds'])
  })

  test('are the values that there are', () => {
    expect(offered('executors:\n  - module: |')).toContain('./pi.wasm')
    expect(offered('inputs:\n  - path: /in/a\n    type: |')).toEqual(['FILE', 'DIRECTORY'])
    expect(offered('compare: [{ path: /out/a, by: t|')).toEqual(['tolerance'])
    expect(offered('nexapod: |')).toEqual(['v1'])
  })

  test('is nothing in a comment, and nothing breaks wherever the cursor is', async () => {
    expect(offered('# na|')).toEqual([])
    for (const name of examples) {
      const text = await exampleText(name)
      for (let at = 0; at <= text.length; at++) {
        const offer = offerAt(text, at, [])
        if (offer !== undefined) expect(offer.from).toBeLessThanOrEqual(offer.to)
      }
    }
  })
})

test('a path is read as it is written', () => {
  for (const path of [['executors', 0, 'env', 'A B'], ['inputs', 12], ['a"b', '1.5'], []]) {
    expect(pathOf(pathText(path))).toEqual(path)
  }
})

test('an archive has its files, each with the checksum of its bytes', async () => {
  const bytes = new TextEncoder().encode('123456789')
  const archive = await zipOf([
    { name: '0/out/a', file: new Blob([bytes]) },
    { name: '1/out/b', file: new Blob([]) },
  ])
  const view = new DataView(await archive.arrayBuffer())
  // What the checksum of these digits is by its specification.
  expect(view.getUint32(14, true)).toBe(0xcbf43926)
  const end = view.byteLength - 22
  expect(view.getUint32(end, true)).toBe(0x06054b50)
  expect(view.getUint16(end + 10, true)).toBe(2)
  expect(view.getUint32(view.getUint32(end + 16, true), true)).toBe(0x02014b50)
})
