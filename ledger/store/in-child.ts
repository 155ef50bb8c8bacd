import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Answer } from '@nexapod/specs'
import { Damage } from './damage.ts'
import type { Listening, Look, Said, Task } from './task.ts'
import type { Tip } from './tip.ts'

const program = fileURLToPath(new URL('./child.ts', import.meta.url))

/** How long a child that has found nothing wrong waits for the next store. */
const spareMs = 5000

/** A child that waits: whoever starts opens dozens of stores, and each child costs a start. */
let spare: { readonly child: ChildProcess; readonly timer: NodeJS.Timeout } | undefined

/**
 * Has a process of its own do a task on files that may be damaged. If that ends without an answer,
 * native code fell over what it read, and that is the answer.
 */
export const lookInChild: Look = async (task, listening = {}) => {
  listening.signal?.throwIfAborted()
  try {
    const waiting = task.task === 'probe' ? taken() : undefined
    // One that ended while it waited says nothing about this store.
    const said = waiting && (await asked(waiting, task, listening))
    const { answer, code, killer, words } = said?.answer
      ? said
      : await asked(begun(), task, listening)
    if (answer !== undefined) return answer
    if (code === 1) throw new Error(`the child of the store failed: ${words}`)
    const how = killer === null ? `code ${code}` : `signal ${killer}`
    return new Damage('LevelDB', `reading it ended the process by ${how}`).refused()
  } finally {
    await rm(task.scratch, { recursive: true, force: true })
  }
}

/** What a child said, or how it ended. */
interface Told {
  readonly answer?: Answer<Tip>
  readonly code?: number | null
  readonly killer?: NodeJS.Signals | null
  readonly words: string
}

async function asked(
  child: ChildProcess,
  task: Task,
  { signal, onProgress, onSalvage, onAudit }: Listening,
): Promise<Told> {
  let words = ''
  const abort = () => child.kill('SIGKILL')
  signal?.addEventListener('abort', abort)
  child.stderr?.on('data', (bytes: Buffer) => {
    words = `${words}${bytes}`.slice(-2000)
  })
  const done = Promise.withResolvers<Answer<Tip>>()
  child.on('message', (message: Said) => {
    if (message.said === 'done') done.resolve(message.answer)
    else if (message.said === 'salvage') onSalvage?.(message.salvage)
    else if (message.said === 'audit') onAudit?.(message.audit)
    else onProgress?.(message.done, message.size)
  })
  const over = new AbortController()
  const ended = once(child, 'close', { signal: over.signal })
  // One that has just ended is heard of by its end.
  child.send(task, () => {})
  const first = await Promise.race([done.promise, ended.then(() => undefined)])
  signal?.removeEventListener('abort', abort)
  child.removeAllListeners('message')
  // Its end is only seen by who reads on.
  child.stderr?.removeAllListeners('data').resume()
  const isFine = first?.ok === true && child.connected && signal?.aborted !== true
  if (isFine && task.task === 'probe' && spare === undefined) {
    over.abort()
    wait(child)
    return { answer: first, words }
  }
  if (first !== undefined && child.connected) {
    const gone = once(child, 'exit')
    child.disconnect()
    await gone
    signal?.throwIfAborted()
    return { answer: first, words }
  }
  if (first !== undefined) return { answer: first, words }
  const [code, killer] = await ended
  signal?.throwIfAborted()
  return { code, killer, words }
}

function begun(): ChildProcess {
  return fork(program, [], {
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
}

/** Keeps a child for a while; nobody waits for it, and it ends with this process. */
function wait(child: ChildProcess): void {
  const timer = setTimeout(() => {
    if (spare?.child === child) spare = undefined
    if (child.connected) child.disconnect()
  }, spareMs)
  timer.unref()
  held(child, false)
  spare = { child, timer }
}

function taken(): ChildProcess | undefined {
  const { child, timer } = spare ?? {}
  spare = undefined
  clearTimeout(timer)
  if (child === undefined || !child.connected) return undefined
  held(child, true)
  return child
}

/** Whether this process goes on for the sake of a child. */
function held(child: ChildProcess, isHeld: boolean): void {
  const how = isHeld ? 'ref' : 'unref'
  child[how]()
  child.channel?.[how]()
  ;(child.stderr as Socket | null)?.[how]()
}
