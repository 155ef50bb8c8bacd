import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { limits } from '@nexapod/specs'
import { cipher } from '../channel/cipher.ts'
import { gathered } from '../channel/gather.ts'
import { bounded } from '../channel/muxer.ts'

/**
 * What makes a connection of a socket: noise, which proves the key at the other end, and yamux,
 * which makes streams of it. Nothing else of ours names either, so that both can be exchanged here.
 */
export const link = {
  connectionEncrypters: [gathered(noise({ crypto: cipher }))],
  streamMuxers: [
    bounded(
      yamux({
        // The sockets are kept alive by the system, and streams by what is said on them.
        enableKeepAlive: false,
        maxInboundStreams: limits.streamsMax,
        maxEarlyStreams: limits.streamsMax,
        streamOptions: {
          maxStreamWindowSize: limits.windowBytesMax,
          maxReadBufferLength: limits.readBufferBytes,
        },
      }),
    ),
  ],
}
