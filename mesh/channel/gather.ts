import { Socket } from 'node:net'
import type { ConnectionEncrypter, MessageStream, SecuredConnection } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'
import { free } from './lent.ts'
import { Messages } from './messages.ts'
import { remember } from './origin.ts'

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
        inMessages(await secureInbound(gather(connection), options), connection),
      secureOutbound: async (connection, options) =>
        inMessages(await secureOutbound(gather(connection), options), connection),
    } satisfies Pick<ConnectionEncrypter, 'secureInbound' | 'secureOutbound'>)
  }
}

/** A message of noise with its length in front. */
const messageBytesMax = 2 + 65_535
/** Up to this a message waits for others of its moment: a system call costs more than the copy. */
const littleBytesMax = 8 * 1024

/** Where the pieces of a message are put together, unless a socket has not written the last one. */
let scratch = Buffer.allocUnsafeSlow(messageBytesMax)

/**
 * Also one system call for all little messages that are sent while the events of one moment are
 * handled: frames, windows and answers of several streams go together, and the first of them waits
 * for nobody but those.
 */
function gather(connection: MessageStream): MessageStream {
  const send = connection.send.bind(connection)
  const socket = socketOf(connection)
  let isCorked = false
  const uncork = () => {
    if (!isCorked) return
    isCorked = false
    socket?.uncork()
  }
  return Object.assign(connection, {
    send(data) {
      const bytes = data.byteLength
      if (bytes <= littleBytesMax) {
        if (!isCorked) {
          isCorked = true
          socket?.cork()
          setImmediate(uncork)
        }
        return send(joined(data, Buffer.allocUnsafe(bytes)))
      }
      uncork()
      const whole = bytes > messageBytesMax ? Buffer.allocUnsafeSlow(bytes) : scratch
      const room = send(joined(data, whole))
      // What the system has not taken yet is kept as it is.
      if (whole === scratch && !isWritten(connection)) {
        scratch = Buffer.allocUnsafeSlow(messageBytesMax)
      }
      return room
    },
  } satisfies Pick<MessageStream, 'send'>)
}

/** The pieces in one, which lies there from now on; what they were is free. */
function joined(data: Uint8Array | Uint8ArrayList, into: Buffer): Uint8Array {
  let at = 0
  for (const piece of data instanceof Uint8Array ? [data] : data) {
    into.set(piece, at)
    at += piece.length
    free(piece)
  }
  return into.subarray(0, at)
}

function socketOf(connection: object): Socket | undefined {
  const { socket } = connection as { readonly socket?: unknown }
  return socket instanceof Socket ? socket : undefined
}

/** Whether the system has all that was sent: nothing refers to it here any more. */
function isWritten(connection: MessageStream): boolean {
  const socket = socketOf(connection)
  return connection.writeBufferLength === 0 && socket?.writableLength === 0
}

/** What the library's encrypted connection has and its interface lacks. */
interface Decoding {
  decoder: Pick<Messages, 'decode'>
}

/** Has messages taken from what comes by ours, beginning with what has come of one already. */
function inMessages<S extends SecuredConnection>(secured: S, socket: MessageStream): S {
  const { connection } = secured
  remember(connection, socket)
  if (!isDecoding(connection)) throw new TypeError('an encrypted connection without a decoder')
  const { buffer } = connection.decoder as unknown as { readonly buffer: Uint8ArrayList }
  connection.decoder = new Messages(buffer)
  return secured
}

function isDecoding(connection: object): connection is Decoding {
  return 'decoder' in connection
}
