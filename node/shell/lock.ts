import { createHash } from 'node:crypto'
import { realpath, rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Answer, accept, refuse } from '@nexapod/specs'

/**
 * Holds a directory for this process alone, by a local address that goes with the process: a file
 * with a number in it would outlive a kill, and the number would become somebody else's.
 */
export async function lockDirectory(directory: string): Promise<Answer<AsyncDisposable>> {
  const name = createHash('sha256')
    .update(await realpath(directory))
    .digest('hex')
  const address = addressOf(name.slice(0, 32))
  const server = (await listening(address)) ?? (await afterTheDead(address))
  if (server === undefined) return refuse('node.locked', { at: directory })
  server.unref()
  return accept({
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  })
}

/** Linux and Windows have addresses that are no files. */
function addressOf(name: string): string {
  if (process.platform === 'linux') return `\0nexapod/${name}`
  if (process.platform === 'win32') return `\\\\.\\pipe\\nexapod-${name}`
  return join(tmpdir(), `nexapod-${name}`)
}

function listening(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE') resolve(undefined)
      else reject(cause)
    })
    server.listen(address, () => resolve(server))
  })
}

/** Where addresses are files, one may be left of a process that is dead. */
async function afterTheDead(address: string): Promise<Server | undefined> {
  if (address.startsWith('\0') || (await isAnswered(address))) return undefined
  await rm(address, { force: true })
  return await listening(address)
}

function isAnswered(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address, () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(true))
  })
}
