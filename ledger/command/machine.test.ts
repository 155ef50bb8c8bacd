import { expect, test } from 'vitest'
import { ofMachine } from './machine.ts'

const errors = [
  ['ENOSPC', 'ENOSPC: no space left on device, write', 'make room on the disk'],
  ['EACCES', "EACCES: permission denied, open '/x'", 'type it as somebody who may do that'],
  ['EIO', 'EIO: i/o error, read', 'copy what can still be read'],
  ['LEVEL_IO_ERROR', 'IO error: /x: Input/output error', 'copy what can still be read'],
  ['ENAMETOOLONG', 'ENAMETOOLONG: name too long', 'look at what it names'],
] as const

test.each(errors)('%s is said in words, with what to do', (code, message, next) => {
  const trouble = ofMachine(Object.assign(new Error(message), { code }))
  expect(trouble).toMatchObject({ exit: 1, why: message })
  expect(trouble?.next[0]).toMatch(next)
})

test('what a child said last is said without its stack', () => {
  for (const why of ['EIO: i/o error, read', 'EACCES: permission denied, copyfile']) {
    const words = `node:fs:1\n  throw\n\nError: ${why}\n    at Object.read (node:fs:2)\n`
    expect(ofMachine(new Error(`the child of the store failed: ${words}`))).toMatchObject({ why })
  }
})

test('a file that is gone is not found; a bug is no trouble, and thrown', () => {
  expect(ofMachine(Object.assign(new Error('ENOENT: x'), { code: 'ENOENT' }))?.exit).toBe(3)
  expect(ofMachine(new TypeError('x is not a function'))).toBeUndefined()
})
