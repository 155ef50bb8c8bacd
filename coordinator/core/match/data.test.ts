import type { Input, JobId } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { DataIndex, dataOf } from './data.ts'
import { cidOf, docker, jobWith, wasm } from './test/cast.ts'

const [a, b, c] = [cidOf('a'), cidOf('b'), cidOf('c')]
const [one, two] = ['one', 'two'] as [JobId, JobId]

function input(from: Input['from']): Input {
  return { path: '/in/x', kind: 'file', from }
}

describe('the data of a job', () => {
  test('is its modules and inputs, each once', () => {
    const inputs = [
      input({ type: 'cid', cid: a, below: '{{seed}}.csv' }),
      input({ type: 'cid', cid: a }),
      input({ type: 'text', text: 'no data' }),
    ]
    expect(dataOf(jobWith({ executors: [wasm, wasm], inputs }))).toEqual([cidOf('m'), a])
  })

  test('is the archive of an image, if it has one', () => {
    const [archived, named] = [{ ...docker('lab/a'), archive: b }, docker('lab/b')]
    expect(dataOf(jobWith({ executors: [archived, named] }))).toEqual([b])
  })
})

describe('the jobs near a node', () => {
  test('are those whose data it has, most of it first', () => {
    const index = new DataIndex()
    index.add(one, [a])
    index.add(two, [a, b])
    expect(index.near([c])).toEqual([])
    expect(index.near([a, c])).toEqual([one, two])
    expect(index.near([a, b])).toEqual([two, one])
  })

  test('are none that have left', () => {
    const index = new DataIndex()
    index.add(one, [a, b])
    index.add(two, [b])
    index.remove(one, [a, b])
    expect(index.near([a, b])).toEqual([two])
  })

  test('are a few, however many share their data', () => {
    const index = new DataIndex()
    for (let i = 0; i < 1000; i++) index.add(`job ${i}` as JobId, [a])
    expect(index.near([a])).toHaveLength(16)
    expect(index.near([a])[0]).toBe('job 0')
  })
})
