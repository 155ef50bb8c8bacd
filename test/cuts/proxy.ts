import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way over loopback that can be cut, and that can be made to carry nothing. */
export interface Proxy extends AsyncDisposable {
  readonly port: number
  /** How many connections there have been. */
  readonly connections: number
  /** Breaks every connection that there is, in the middle of whatever is on it. */
  cut(): void
}

/** Opens a way to a port. */
export async function openProxy(to: number): Promise<Proxy> {
  const open = new Set<Socket>()
  let connections = 0
  const server = createServer({ noDelay: true }, (near) => {
    connections++
    const far = connect({ host: '127.0.0.1', port: to, noDelay: true })
    for (const socket of [near, far]) {
      open.add(socket)
      // A cut is an error at the ends, and here it is what was wanted.
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        open.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.pipe(far)
    far.pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections
    },
    cut() {
      for (const socket of open) socket.resetAndDestroy()
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
