import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { createServer, connect as dial, type Socket } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import {
  type Answer,
  accept,
  choice,
  fromJson,
  type Infer,
  limits,
  oneOf,
  type Refusal,
  refusalSchema,
  refuse,
} from '@nexapod/specs'

/** What the owner of a node says at its door. */
export const doorQuestion = oneOf({
  /** What are you doing? */
  status: {},
  /** What do you lend, and where was that said? */
  limits: {},
  /** Read the file of the limits again: they hold from now on. */
  reload: {},
  /** Do this from now on; the answer is what it does then. */
  order: { order: choice(['pause', 'resume', 'finish']) },
})

/** A question at the door of a node. */
export type DoorQuestion = Infer<typeof doorQuestion>

/** Answers a question of the owner. */
export type AnswerOwner = (question: DoorQuestion) => Promise<Answer<unknown>>

/**
 * Opens the door of a node: a socket in its directory, where its owner asks and orders. Whoever
 * holds the lock of the directory may call this, and nobody else.
 */
export async function openDoor(
  directory: string,
  answer: AnswerOwner,
): Promise<Answer<AsyncDisposable>> {
  const at = addressOf(directory)
  if (Buffer.byteLength(at) > limits.socketPathBytesMax) {
    return refuse('node.door', { at: directory, detail: 'its name is too long for a socket' })
  }
  const callers = new Set<Socket>()
  const answering = new Set<Promise<void>>()
  const server = createServer((caller) => {
    callers.add(caller)
    caller.once('close', () => callers.delete(caller))
    firstLine(caller, limits.doorQuestionBytesMax, (line) => {
      const answered = answerLine(line, answer).then((said) => {
        caller.end(`${JSON.stringify(said)}\n`)
        answering.delete(answered)
      })
      answering.add(answered)
    })
  })
  server.maxConnections = limits.doorCallersMax
  try {
    // A node that was killed has left it. The lock says that nobody stands behind it now.
    if (!isPipe) await rm(dirname(at), { recursive: true, force: true })
    // A socket is open to others for a moment after it is made; what is in this folder never is.
    if (!isPipe) await mkdir(dirname(at), { mode: 0o700 })
    server.listen(at)
    await once(server, 'listening')
  } catch (cause) {
    // Some file systems have no sockets: who cannot be asked lends all the same.
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause
    return refuse('node.door', { at: directory, detail: cause.message })
  }
  return accept({
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      // What it is ended by may have been said here: who said it is answered.
      await Promise.all(answering)
      for (const caller of callers) caller.destroySoon()
      await closed
      if (!isPipe) await rm(dirname(at), { recursive: true, force: true })
    },
  })
}

/** Asks the node in a directory; what it says is not looked at, for only its owner can be it. */
export async function askAtDoor(
  directory: string,
  question: DoorQuestion,
): Promise<Answer<unknown>> {
  const at = addressOf(directory)
  // Where a path is cut, it may be the door of another.
  if (Buffer.byteLength(at) > limits.socketPathBytesMax)
    return refuse('node.door', { at: directory })
  const { promise, resolve: settle } = Promise.withResolvers<string | undefined>()
  const socket = dial(at)
  firstLine(socket, limits.doorAnswerBytesMax, settle)
  socket.once('close', () => settle(undefined))
  socket.write(`${JSON.stringify(question)}\n`)
  const line = await promise
  socket.destroy()
  if (line === undefined) return refuse('node.door', { at: directory })
  const read = parsed(line)
  if (!read.ok) return read
  const said = read.value as Said
  if ('answer' in said) return accept(said.answer)
  const refusal = fromJson(refusalSchema, said.refusal)
  return refusal.ok ? { ok: false, refusal: refusal.value } : refusal
}

const isPipe = process.platform === 'win32'

/** Where the door of a directory is. */
function addressOf(directory: string): string {
  const path = resolve(directory)
  if (!isPipe) return join(path, 'door', 'socket')
  return `\\\\.\\pipe\\nexapod-${createHash('sha256').update(path).digest('hex')}`
}

/**
 * Hears the first line of a socket, if it is no longer than it may be. Whoever has not gone when
 * its time is over is let go.
 */
function firstLine(socket: Socket, bytesMax: number, heard: (line: string) => void): void {
  const chunks: Buffer[] = []
  let length = 0
  const late = setTimeout(() => socket.destroy(), limits.doorMs)
  const hear = (chunk: Buffer) => {
    const end = chunk.indexOf('\n')
    chunks.push(end < 0 ? chunk : chunk.subarray(0, end))
    length += chunks.at(-1)?.length ?? 0
    if (length > bytesMax) socket.destroy()
    else if (end >= 0) {
      // What comes behind it is nobody's; unread it would keep the end from being seen.
      socket.off('data', hear).resume()
      heard(Buffer.concat(chunks).toString())
    }
  }
  socket.on('data', hear)
  socket.once('close', () => clearTimeout(late))
  // A caller that breaks off is one that has gone: its close is what counts, and follows.
  socket.on('error', () => {})
}

/** What is said back: an answer, or a refusal. */
export type Said = { readonly answer: unknown } | { readonly refusal: Refusal }

/** Answers a line of JSON with a question in it. */
export async function answerLine(line: string, answer: AnswerOwner): Promise<Said> {
  const said = parsed(line)
  const question = said.ok ? fromJson(doorQuestion, said.value) : said
  const answered = question.ok ? await answer(question.value) : question
  return answered.ok ? { answer: answered.value } : { refusal: answered.refusal }
}

function parsed(line: string): Answer<unknown> {
  try {
    return accept(JSON.parse(line))
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    return refuse('document.form', { detail: `a line of JSON: ${cause.message}` })
  }
}
