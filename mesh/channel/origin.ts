import type { MessageStream, MultiaddrConnection } from '@libp2p/interface'
import { elsewhere, networkOf } from './network.ts'

const networks = new WeakMap<MessageStream, string>()

/** Remembers where an encrypted connection comes from: by itself it does not say. */
export function remember(connection: MessageStream, socket: MessageStream): void {
  networks.set(connection, hasAddress(socket) ? networkOf(socket.remoteAddr) : elsewhere)
}

/** The network that an encrypted connection comes from. */
export function originOf(connection: MessageStream): string {
  return networks.get(connection) ?? elsewhere
}

function hasAddress(socket: MessageStream): socket is MultiaddrConnection {
  return 'remoteAddr' in socket
}
