import { describe, expect, test } from 'vitest'
import { ids, made, now } from '../examples/cast.ts'
import { descriptors } from '../examples/descriptors.ts'
import { home } from '../examples/jobs.ts'
import { type Draft, parseDescriptor } from './descriptor.ts'
import { jobOf, unresolved } from './resolve.ts'

const terms = {
  home,
  publisher: ids.publisher,
  nonce: made.nonce('a job'),
  issued: now,
  expires: now + 1000,
}

function draft(descriptor: unknown): Draft {
  const answer = parseDescriptor(descriptor)
  if (!answer.ok) throw new Error(JSON.stringify(answer))
  return answer.value
}

describe('from a draft to a job', () => {
  const full = draft(descriptors['with all keys'])

  test('files and addresses wait to become CIDs; the rest is there', () => {
    expect(unresolved(full)).toEqual([
      { type: 'path', path: 'mean.wasm' },
      { type: 'path', path: 'lattices', below: '{{seed}}.csv' },
      { type: 'https', url: 'https://example.org/table.csv', sha256: made.digest('table') },
    ])
  })

  test('a source without a CID is refused by name', () => {
    expect(jobOf(full, terms, () => undefined)).toMatchObject({
      refusal: { code: 'job.unresolved-source', detail: 'mean.wasm' },
    })
  })

  test('what a path has below its CID is kept', () => {
    const job = jobOf(full, terms, () => made.directory('all'))
    expect(job.ok && job.value.inputs[0]?.from).toEqual({
      type: 'cid',
      cid: made.directory('all'),
      below: '{{seed}}.csv',
    })
  })

  test('a job that is too large is refused with its size', () => {
    const content = 'x'.repeat(16_000)
    const inputs = ['a', 'b', 'c', 'd'].map((name) => ({ path: `/in/${name}`, content }))
    const large = draft({ ...descriptors['the smallest'], inputs })
    expect(jobOf(large, terms, () => made.file('x'))).toMatchObject({
      refusal: { code: 'bytes.too-large' },
    })
  })
})
