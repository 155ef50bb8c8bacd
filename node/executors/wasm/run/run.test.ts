import { describe, expect, test } from 'vitest'
import { bytesOf, program, runHere, taskOf, textAt } from '../test/cast.ts'

const exit = (code: string) => program('probes', ['exit', code])
const write = (path: string, text: string) => program('probes', ['write', path, text])

describe('how a program ends', () => {
  test.each([
    ['with its code', ['exit', '0'], { type: 'exit', code: 0 }],
    ['with any code', ['exit', '77'], { type: 'exit', code: 77 }],
    ['with a code below zero, which a guest has not', ['exit', '-1'], exitOf(2 ** 32 - 1)],
    ['by a trap', ['trap'], { type: 'trap' }],
    ['by giving up', ['abort'], { type: 'trap' }],
    ['without fuel', ['loop'], { type: 'out-of-fuel' }],
    ['without stack', ['recurse'], { type: 'stack-limit' }],
    ['without room', ['flood-out'], { type: 'output-limit' }],
  ])('%s', (_, args, ended) => {
    const { ran } = runHere(taskOf([program('probes', args)]))
    expect(ran.ended).toEqual({ executor: 0, ...ended })
  })

  test('and what it leaves is there all the same', () => {
    const { ran } = runHere(taskOf([write('/out/a', 'before'), program('probes', ['trap'])]))
    expect(ran.ended).toEqual({ type: 'trap', executor: 1 })
    expect(textAt(ran, '/out/a')).toBe('before')
  })

  test('out of fuel at the limit, and with a fuel less just as well', () => {
    const { fuel } = runHere(taskOf([exit('0')])).ran
    expect(runHere(taskOf([exit('0')], { fuel })).ran).toMatchObject({
      ended: { type: 'exit', code: 0 },
      fuel,
    })
    expect(runHere(taskOf([exit('0')], { fuel: fuel - 1 })).ran).toMatchObject({
      ended: { type: 'out-of-fuel' },
      fuel: fuel - 1,
    })
  })
})

describe('several programs', () => {
  test('run one after the other, on what is left of the fuel', () => {
    const one = runHere(taskOf([write('/scratch/a', 'x')])).ran
    const { ran } = runHere(taskOf([write('/scratch/a', 'x'), write('/scratch/b', 'x')]))
    expect(ran.ended).toEqual({ type: 'exit', executor: 1, code: 0 })
    expect(ran.fuel).toBe(2 * one.fuel)
    const half = runHere(
      taskOf([write('/tmp/a', ''), program('probes', ['loop'])], { fuel: 10 ** 6 }),
    )
    expect(half.ran.fuel).toBe(10 ** 6)
  })

  test('end with the first that fails', () => {
    const { ran } = runHere(taskOf([exit('0'), exit('2'), write('/out/a', 'never')]))
    expect(ran.ended).toEqual({ type: 'exit', executor: 1, code: 2 })
    expect(textAt(ran, '/out/a')).toBeUndefined()
  })

  test.each(['exit', 'trap', 'recurse'])('go on after one that may fail, by %s', (how) => {
    const first = program('probes', [how, '1'], { ignoreError: true })
    const { ran } = runHere(taskOf([first, write('/out/a', 'then')]))
    expect(ran.ended).toEqual({ type: 'exit', executor: 1, code: 0 })
    expect(textAt(ran, '/out/a')).toBe('then')
  })

  test.each(['loop', 'flood-out'])('end all the same where nothing is left: %s', (how) => {
    const first = program('probes', [how], { ignoreError: true })
    const { ran } = runHere(taskOf([first, exit('0')]))
    expect(ran.ended).toMatchObject({ executor: 0 })
  })

  test('read what those before them wrote, and see one clock and one chance', () => {
    const { ran } = runHere(
      taskOf(
        [
          program('probes', ['surroundings'], { stdout: '/scratch/first' }),
          program('probes', ['surroundings'], { stdout: '/out/second' }),
          program('probes', ['copy'], { stdin: '/scratch/first', stdout: '/out/first' }),
        ],
        {},
      ),
    )
    const [first = '', second = ''] = ['/out/first', '/out/second'].map((path) => textAt(ran, path))
    const clock = (text: string) => Number(/clock 1 (\d+)/.exec(text)?.[1])
    const chance = (text: string) => /^[0-9a-f]{64}$/m.exec(text)?.[0]
    expect(clock(second)).toBeGreaterThan(clock(first))
    expect(chance(first)).toBeDefined()
    expect(chance(second)).not.toBe(chance(first))
  })

  test('share the room: files that one left open and nameless are gone with it', () => {
    const six = 'x'.repeat(600)
    const open = program('probes', ['write', '/out/a', six])
    const limits = { fileBytesMax: 1000 }
    expect(runHere(taskOf([open, open], limits)).ran.ended).toMatchObject({ type: 'output-limit' })
  })
})

describe('what a unit finds and leaves', () => {
  test('directories for all that its job names', () => {
    const { ran } = runHere(
      taskOf([write('/out/deep/er/a', 'x')], {
        outputs: [
          { path: '/out/deep/er/a', kind: 'file' },
          { path: '/out/empty', kind: 'directory' },
        ],
      }),
    )
    expect(ran.outputs.map(({ path, files }) => [path, files.length])).toEqual([
      ['/out/deep/er/a', 1],
      ['/out/empty', 0],
    ])
  })

  test('of an output that is of another kind, or not there, nothing', () => {
    const { ran } = runHere(
      taskOf([write('/out/file', 'x')], {
        outputs: [
          { path: '/out/none', kind: 'file' },
          { path: '/out/dir', kind: 'file' },
        ],
        directories: ['/out/dir'],
      }),
    )
    expect(ran.outputs).toEqual([])
  })

  test('files of a directory in the order of their paths', () => {
    const names = ['b', 'a/c', 'a/b', 'A.txt', 'z']
    const programs = names.map((name) => write(`/out/${name}`, name))
    const { ran } = runHere(taskOf(programs, { directories: ['/out/a'] }))
    const [out] = ran.outputs
    expect(out?.files.map(({ path }) => path)).toEqual([
      '/out/A.txt',
      '/out/a/b',
      '/out/a/c',
      '/out/b',
      '/out/z',
    ])
  })

  test('an input that is an output too stays what it was, whoever writes into it', () => {
    const bytes = bytesOf('input')
    const files = [{ path: '/out/a', bytes }]
    const { ran } = runHere(taskOf([write('/out/a', ' and more')], { files }))
    expect(textAt(ran, '/out/a')).toBe('input and more')
    expect(bytes).toEqual(bytesOf('input'))
  })
})

function exitOf(code: number) {
  return { type: 'exit', code }
}
