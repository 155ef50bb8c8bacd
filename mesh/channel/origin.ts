import type { MessageStream, MultiaddrConnection } from '@libp2p/interface'
import { elsewhere, networkOf } from './network.ts'

const sockets = new WeakMap<MessageStream, MessageStream>()
const familiar = new WeakSet<MessageStream>()

/** Remembers where an encrypted connection comes from: by itself it does not say. */
export function remember(connection: MessageStream, socket: MessageStream): void {
  sockets.set(connection, socket)
}

/** Who is at the other end of this socket has proved to be no stranger. */
export function vouch(socket: MessageStream): void {
  familiar.add(socket)
}

/** The network that an encrypted connection comes from; of who is no stranger, none. */
export function originOf(connection: MessageStream): string | undefined {
  const socket = sockets.get(connection)
  if (socket === undefined) return elsewhere
  if (familiar.has(socket)) return undefined
  return hasAddress(socket) ? networkOf(socket.remoteAddr) : elsewhere
}

function hasAddress(socket: MessageStream): socket is MultiaddrConnection {
  return 'remoteAddr' in socket
}
