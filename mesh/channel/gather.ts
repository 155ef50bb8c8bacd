import type { ConnectionEncrypter, MessageStream } from '@libp2p/interface'

/**
 * An encrypter that hands what it sends to the socket in one piece. It makes some pieces of each
 * message (a length, parts of the text, a tag), and the socket a system call of each piece: that
 * costs more than to copy them together, and more than to encrypt them.
 */
export function gathered<C>(
  make: (components: C) => ConnectionEncrypter,
): (components: C) => ConnectionEncrypter {
  return (components) => {
    const encrypter = make(components)
    const secureInbound = encrypter.secureInbound.bind(encrypter)
    const secureOutbound = encrypter.secureOutbound.bind(encrypter)
    return Object.assign(encrypter, {
      secureInbound: (connection, options) => secureInbound(gather(connection), options),
      secureOutbound: (connection, options) => secureOutbound(gather(connection), options),
    } satisfies Pick<ConnectionEncrypter, 'secureInbound' | 'secureOutbound'>)
  }
}

/** What a connection over TCP has of its socket. */
interface Corked {
  readonly socket?: { cork(): void; uncork(): void }
}

/**
 * Also one system call for all that is sent while the events of one moment are handled: frames,
 * windows and blocks of several streams go together, and what is sent alone goes at once.
 */
function gather(connection: MessageStream & Corked): MessageStream {
  const send = connection.send.bind(connection)
  const { socket } = connection
  let isCorked = false
  const uncork = () => {
    isCorked = false
    socket?.uncork()
  }
  return Object.assign(connection, {
    send: ((data) => {
      if (!isCorked && socket !== undefined) {
        isCorked = true
        socket.cork()
        setImmediate(uncork)
      }
      return send(data.subarray())
    }) satisfies MessageStream['send'],
  })
}
