import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { childFlags, startChild } from './child-process.ts'

const permissions = fileURLToPath(new URL('../test/permissions.ts', import.meta.url))
const parentPath = fileURLToPath(new URL('../test/parent.ts', import.meta.url))

const denied = 'ERR_ACCESS_DENIED'
const refused = {
  'read a file': denied,
  'read a directory': denied,
  'read its own environment': denied,
  'write a file': denied,
  'write where it may read': denied,
  'start a process': denied,
  'load native code': 'ERR_DLOPEN_DISABLED',
  'make code of text': 'EvalError',
  'evaluate text': 'EvalError',
  'reach the bindings': denied,
  'find a variable of the environment': 'RangeError',
  'change a prototype': 'ERR_PROTO_ACCESS',
}

describe('under the flags of the pool', () => {
  test('neither thread of a child can do anything but compute', async () => {
    const child = startChild(childFlags, permissions)
    const [said] = await once(child, 'message')
    expect(said).toEqual({ main: refused, thread: refused, argv: [] })
    await once(child, 'exit')
  })

  test('without them it could, so that the attempts are real ones', async () => {
    const child = startChild(['--no-warnings'], permissions)
    const [{ main, thread }] = await once(child, 'message')
    for (const attempt of ['read a file', 'write a file', 'start a process', 'evaluate text']) {
      expect([main[attempt], thread[attempt]]).toEqual(['done', 'done'])
    }
    await once(child, 'exit')
  })
})

describe.skipIf(process.platform === 'win32')('a parent that is killed', () => {
  test('takes its children along, the running and the one that stands still', async () => {
    const parent = fork(parentPath, [], { execArgv: [] })
    const [pids] = await once(parent, 'message')
    expect(pids).toHaveLength(2)
    expect(pids.every(isThere)).toBe(true)
    parent.kill('SIGKILL')
    await once(parent, 'exit')
    // There is no event of another's child: it is looked for until it is gone.
    while (pids.some(isThere)) await new Promise((resolve) => setTimeout(resolve, 10))
  })
})

/** Whether a process is there and is more than an entry that nobody has asked for yet. */
function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    if (process.platform !== 'linux') return true
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ESRCH' || code === 'ENOENT') return false
    throw cause
  }
}
