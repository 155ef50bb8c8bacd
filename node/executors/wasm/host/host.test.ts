import { describe, expect, test } from 'vitest'
import { bytesOf, program, runHere, taskOf } from '../test/cast.ts'

/** The cases of `test/modules/suite.c`, by what each is about. */
const cases = [
  ...['args', 'environment', 'clocks', 'poll_clock', 'poll_stdio', 'chance', 'preopens'],
  ...['close_preopen', 'renumber', 'dangling', 'directory_calls', 'advise_and_allocate', 'times'],
  ...['appending', 'readdir', 'paths', 'create_existing', 'read_write', 'positioned', 'seeking'],
  ...['truncating', 'rights', 'renaming', 'removing', 'links', 'inputs', 'stdio', 'library'],
]

describe('a program that uses WASI preview 1', () => {
  test.each(cases)('finds what the standard says: %s', (name) => {
    const { ran, log } = runHere(suite(name))
    expect({ ended: ran.ended, log: name === 'stdio' ? '' : log }).toEqual({
      ended: { type: 'exit', executor: 0, code: 0 },
      log: '',
    })
  })

  test('says with which line it failed, if it fails', () => {
    const { ran, log } = runHere(suite('inputs', { files: [] }))
    expect(ran.ended).toEqual({ type: 'exit', executor: 0, code: 1 })
    expect(log).toMatch(/^line \d+\n$/)
  })

  test('changes no input, not even one that it may write into', () => {
    const task = suite('inputs')
    const before = task.files.map(({ bytes }) => [...bytes])
    expect(runHere(task).ran.ended).toMatchObject({ code: 0 })
    expect(task.files.map(({ bytes }) => [...bytes])).toEqual(before)
  })

  test('is heard on both streams', () => {
    const { log } = runHere(suite('stdio'))
    expect(log).toBe('out\nerr\n')
  })
})

function suite(name: string, more: Parameters<typeof taskOf>[1] = {}) {
  const one = program('suite', [name, 'two words', ''], {
    variables: { A: '1', EMPTY: '' },
    stdin: '/in/stdin',
    ...(name === 'library' ? { workdir: '/out' } : {}),
  })
  return taskOf([one], {
    files: [
      { path: '/in/stdin', bytes: bytesOf('hello') },
      { path: '/in/data/a.txt', bytes: bytesOf('hello') },
      { path: '/scratch/b.txt', bytes: bytesOf('hello') },
    ],
    directories: ['/out/deep'],
    ...more,
  })
}
