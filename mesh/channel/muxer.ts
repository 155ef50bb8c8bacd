import type { MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import { limits } from '@nexapod/specs'
import { machineClock } from './clock.ts'
import { unheld } from './decoder.ts'
import { Frames } from './frames.ts'
import { inTurns } from './turns.ts'

/**
 * Yamux with the bounds that it lacks. It waits for a frame of any length to be complete before it
 * looks at it, answers whoever does not read, and takes frames of one byte as fast as they come:
 * one connection fills any memory, or takes all the time there is. Such a one is cut, and so is who
 * sends a frame longer than the window can be; and each has its turns, so that all are heard.
 */
export function bounded<C>(
  make: (components: C) => StreamMuxerFactory,
  windowBytesMax: number = limits.streamWindowBytes,
): (components: C) => StreamMuxerFactory {
  return (components) => {
    const factory = make(components)
    const create = factory.createStreamMuxer.bind(factory)
    return Object.assign(factory, {
      createStreamMuxer(connection: MessageStream): StreamMuxer {
        // What waits here was not sent by streams, which stop when told, but as answers to frames.
        connection.maxWriteBufferLength = limits.muxerAnswersBytesMax
        inTurns(connection, new Frames(windowBytesMax, machineClock))
        return unheld(create(connection))
      },
    })
  }
}
