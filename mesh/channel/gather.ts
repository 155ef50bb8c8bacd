import { Socket } from 'node:net'
import type { ConnectionEncrypter, MessageStream, SecuredConnection } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'
import { free } from './lent.ts'
import { Messages } from './messages.ts'

/**
 * An encrypter whose messages go to the socket in one piece, and come from it in one piece each. It
 * makes some pieces of each message (a length, the text, a tag), and the socket a system call of
 * each; those of what comes it copies together in fresh memory.
 */
export function gathered<C>(
  make: (components: C) => ConnectionEncrypter,
): (components: C) => ConnectionEncrypter {
  return (components) => {
    const encrypter = make(components)
    const secureInbound = encrypter.secureInbound.bind(encrypter)
    const secureOutbound = encrypter.secureOutbound.bind(encrypter)
    return Object.assign(encrypter, {
      secureInbound: async (connection, options) =>
        inMessages(await secureInbound(gather(connection), options)),
      secureOutbound: async (connection, options) =>
        inMessages(await secureOutbound(gather(connection), options)),
    } satisfies Pick<ConnectionEncrypter, 'secureInbound' | 'secureOutbound'>)
  }
}

/** A message of noise with its length in front. */
const messageBytesMax = 2 + 65_535

/** Where the pieces of a message are put together, unless a socket has not written the last one. */
let scratch = Buffer.allocUnsafeSlow(messageBytesMax)

function gather(connection: MessageStream): MessageStream {
  const send = connection.send.bind(connection)
  return Object.assign(connection, {
    send(data) {
      const bytes = data.byteLength
      const whole = bytes > messageBytesMax ? Buffer.allocUnsafeSlow(bytes) : scratch
      let at = 0
      for (const piece of data instanceof Uint8Array ? [data] : data) {
        whole.set(piece, at)
        at += piece.length
        free(piece)
      }
      const room = send(whole.subarray(0, bytes))
      // What the system has not taken yet is kept as it is.
      if (whole === scratch && !isWritten(connection)) {
        scratch = Buffer.allocUnsafeSlow(messageBytesMax)
      }
      return room
    },
  } satisfies Pick<MessageStream, 'send'>)
}

/** Whether the system has all that was sent: nothing refers to it here any more. */
function isWritten(connection: MessageStream): boolean {
  const { socket } = connection as { readonly socket?: unknown }
  if (!(socket instanceof Socket)) return false
  return connection.writeBufferLength === 0 && socket.writableLength === 0
}

/** What the library's encrypted connection has and its interface lacks. */
interface Decoding {
  decoder: Pick<Messages, 'decode'>
}

/** Has messages taken from what comes by ours, beginning with what has come of one already. */
function inMessages<S extends SecuredConnection>(secured: S): S {
  const { connection } = secured
  if (!isDecoding(connection)) throw new TypeError('an encrypted connection without a decoder')
  const { buffer } = connection.decoder as unknown as { readonly buffer: Uint8ArrayList }
  connection.decoder = new Messages(buffer)
  return secured
}

function isDecoding(connection: object): connection is Decoding {
  return 'decoder' in connection
}
