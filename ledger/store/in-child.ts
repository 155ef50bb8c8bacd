import { fork } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Answer } from '@nexapod/specs'
import { Damage } from './damage.ts'
import type { Look, Said } from './task.ts'
import type { Tip } from './tip.ts'

const program = fileURLToPath(new URL('./child.ts', import.meta.url))

/**
 * Has a process of its own do a task on files that may be damaged. If that ends without an answer,
 * native code fell over what it read, and that is the answer.
 */
export const lookInChild: Look = async (task, listening = {}) => {
  const { signal, onProgress, onSalvage, onAudit } = listening
  signal?.throwIfAborted()
  const child = fork(program, [], {
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let answer: Answer<Tip> | undefined
  let words = ''
  const abort = () => child.kill('SIGKILL')
  signal?.addEventListener('abort', abort)
  child.stderr?.on('data', (bytes: Buffer) => {
    words = `${words}${bytes}`.slice(-2000)
  })
  child.on('message', (message: Said) => {
    if (message.said === 'done') answer = message.answer
    else if (message.said === 'salvage') onSalvage?.(message.salvage)
    else if (message.said === 'audit') onAudit?.(message.audit)
    else onProgress?.(message.done, message.size)
  })
  try {
    const ended = once(child, 'close')
    child.send(task)
    const [code, killer] = await ended
    signal?.throwIfAborted()
    if (answer !== undefined) return answer
    if (code === 1) throw new Error(`the child of the store failed: ${words}`)
    const how = killer === null ? `code ${code}` : `signal ${killer}`
    return new Damage('LevelDB', `reading it ended the process by ${how}`).refused()
  } finally {
    signal?.removeEventListener('abort', abort)
    await rm(task.scratch, { recursive: true, force: true })
  }
}
