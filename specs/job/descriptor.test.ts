import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { descriptors, wrongDescriptors } from '../examples/descriptors.ts'
import { explain } from '../refusal/refusal.ts'
import { parseDescriptor } from './descriptor.ts'

const smallest = descriptors['the smallest'] as Readonly<Record<string, unknown>>
const schema = JSON.parse(readFileSync(join(import.meta.dirname, 'job.schema.json'), 'utf8'))
const accepts = new Ajv2020({ strict: false }).compile(schema)

describe('descriptors as people write them', () => {
  test.each(Object.entries(descriptors))('%s is read', (_, descriptor) => {
    expect(parseDescriptor(descriptor)).toMatchObject({ ok: true })
    expect(accepts(descriptor), JSON.stringify(accepts.errors)).toBe(true)
  })

  test.each(wrongDescriptors)('$name is refused at $at as $code', (wrong) => {
    const answer = parseDescriptor(wrong.descriptor)
    expect(answer).toMatchObject({ ok: false, refusal: { code: wrong.code } })
    expect(answer.ok ? undefined : (answer.refusal.at ?? '')).toBe(wrong.at)
  })

  test.each(
    wrongDescriptors.filter((one) => /(type|choice|missing-key|unknown-key)$/.test(one.code)),
  )('an editor marks it too: $name', ({ descriptor, at }) => {
    // A whole number is asked for by two rules; a missing format is one of several keys.
    if (at === 'compare[0].format') return
    expect(accepts(descriptor)).toBe(false)
  })
})

describe('what is said of a fault', () => {
  test('a misspelled key names the nearest known one', () => {
    const answer = parseDescriptor({ ...smallest, ressources: {} })
    expect(!answer.ok && explain(answer.refusal)).toContain('did you mean resources?')
  })

  test('a misspelled parameter names the nearest of the sweep', () => {
    const answer = parseDescriptor({
      ...smallest,
      executors: [{ module: 'a.wasm', command: ['{{sead}}'] }],
      sweep: { seed: [1] },
    })
    expect(!answer.ok && explain(answer.refusal)).toContain('did you mean seed?')
  })

  test('all faults are told at once, twenty at most', () => {
    const answer = parseDescriptor({ nexapod: 'v3', name: '', nmae: 'x', executors: [] })
    expect(!answer.ok && [answer.refusal, ...(answer.others ?? [])].map((one) => one.at)).toEqual([
      'nmae',
      'outputs',
      'nexapod',
      'name',
      'executors',
    ])
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`key${i}`, i]))
    const refused = parseDescriptor({ ...smallest, ...many })
    expect(!refused.ok && refused.others?.length).toBe(19)
  })

  test('what is said of hostile input stays short and on one line', () => {
    const answer = parseDescriptor({ ...smallest, [`a\u202e\n${'x'.repeat(10_000)}`]: 1 })
    expect(!answer.ok && explain(answer.refusal)).toMatch(/^[^\n\u202e]{1,1000}$/)
  })
})

describe('descriptors that refer to themselves', () => {
  test('an alias to the whole is refused at its place', () => {
    const descriptor: Record<string, unknown> = { ...smallest }
    descriptor.inputs = [{ path: '/in/a', url: 'a' }, descriptor]
    expect(parseDescriptor(descriptor)).toMatchObject({
      refusal: { code: 'job.cycle', at: 'inputs.1' },
    })
  })

  test('the same map twice is no cycle', () => {
    const env = { A: '1' }
    const one = { module: 'a.wasm', env }
    expect(parseDescriptor({ ...smallest, executors: [one, { ...one, env }] }).ok).toBe(true)
  })

  test('aliases that multiply are refused at once', () => {
    let bomb: unknown = 'x'
    for (let i = 0; i < 60; i++) bomb = [bomb, bomb, bomb, bomb, bomb, bomb, bomb, bomb]
    const answer = parseDescriptor({ ...smallest, tags: { bomb } })
    expect(answer).toMatchObject({ ok: false })
  })
})

test('what a descriptor leaves out is filled in', () => {
  const answer = parseDescriptor(smallest)
  expect(answer.ok && answer.value).toMatchObject({
    resources: { cores: 1, ramBytes: 512_000_000, gpus: 0, unitMs: 3_600_000 },
    priority: 5,
    inputs: [],
    tags: {},
  })
})

test('keys of a prototype are neither taken nor trusted', () => {
  const descriptor = JSON.parse('{"__proto__": {"nexapod": "v1", "name": "x"}}')
  expect(parseDescriptor(descriptor)).toMatchObject({ refusal: { code: 'document.unknown-key' } })
  const inherited = Object.create(smallest)
  expect(parseDescriptor(inherited)).toMatchObject({ refusal: { code: 'document.missing-key' } })
})
