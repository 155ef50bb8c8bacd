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

function gather(connection: MessageStream): MessageStream {
  const send = connection.send.bind(connection)
  return Object.assign(connection, {
    send: ((data) => send(data.subarray())) satisfies MessageStream['send'],
  })
}
