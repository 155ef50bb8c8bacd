import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockDirectory } from './lock.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nexapod-lock-'))
})
afterEach(() => rm(directory, { recursive: true }))

test('a directory is held by one, by whatever name it is called, until that lets go', async () => {
  const first = lockDirectory(directory)
  if (!first.ok) throw new Error(first.refusal.code)
  const other = `${directory}.link`
  await symlink(directory, other)
  for (const path of [directory, other]) {
    const second = lockDirectory(path)
    expect(second.ok ? 'taken' : second.refusal.code).toBe('node.locked')
  }
  await rm(other)
  first.value[Symbol.dispose]()
  const third = lockDirectory(directory)
  expect(third.ok).toBe(true)
  if (third.ok) third.value[Symbol.dispose]()
})

test('a process that is killed holds nothing any more', async () => {
  const { href } = new URL('lock.ts', import.meta.url)
  const program = `
    const { lockDirectory } = await import(${JSON.stringify(href)})
    const held = lockDirectory(${JSON.stringify(directory)})
    setInterval(() => {}, 1000)
    process.stdout.write(held.ok ? 'held' : 'refused')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program])
  const [said] = await once(child.stdout, 'data')
  expect(String(said)).toBe('held')
  const meanwhile = lockDirectory(directory)
  expect(meanwhile.ok).toBe(false)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const after = lockDirectory(directory)
  expect(after.ok).toBe(true)
  if (after.ok) after.value[Symbol.dispose]()
})
