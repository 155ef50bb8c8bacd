import { KiB, MiB } from '../measure.ts'

/** The bounds of channels: what waits, and what a peer and its network may do. */
export const channelLimits = {
  /**
   * What a peer may send on one stream before it is read: the window that yamux begins with. It
   * grows only where yamux pings, and what counts on it growing may wait for ever.
   */
  streamWindowBytes: 256 * KiB,
  /** What waits in a muxer for a peer that does not read: some thousand answers to its frames. */
  muxerAnswersBytesMax: 64 * KiB,
  /** Frames of a muxer at once: a ping counts as 64, a stream that is opened as 128. */
  muxerFramesMax: 8192,
  /** Frames of one connection a second: twice of what one message at a time comes to. */
  muxerFramesPerSecondMax: 32 * 1024,
  /** The same of one connection in one turn of the event loop: a third of a millisecond. */
  turnFramesMax: 64,
  /**
   * After a stream that a stranger opens none opens another for so long: each costs half a
   * millisecond, so all together a quarter of the time. A node opens eight when it comes.
   */
  streamGapMs: 2,
  /** How long a stream that may not be is there, so that whoever opened it hears why. */
  refuseMs: 10,
  /**
   * What goes into one write, unless a frame is longer: it fits into one message of noise, and the
   * other end can give back a part of the window while the rest is on its way.
   */
  writeBytesMax: 32 * KiB,
  /** What is said on one channel and not sent yet: what a node with all its leases has to show. */
  channelQueueBytesMax: 2 * MiB,
  /** What all channels of a process hold together, to read and to send. */
  channelsBytesMax: 128 * MiB,
  /** Streams of one protocol that one peer has open: one for each chain, and one that is ending. */
  streamsPerPeerMax: 4,
  /** The same of one network: a university behind one router. */
  streamsPerNetworkMax: 512,
  /** Streams that one peer may open in a minute: it keeps the one that it has. */
  opensPerPeerMax: 60,
  /** The same of one network: a class room that is switched on in the morning, twice. */
  opensPerNetworkMax: 1200,
  /** What a violation costs of these: after seven in a minute a peer waits. */
  opensPerViolationMax: 8,
  /** Bytes a second of one peer, with what messages cost: 5,000 results of a large machine. */
  peerBytesPerSecond: 16 * MiB,
  /** Bytes a second of one network. */
  networkBytesPerSecond: 64 * MiB,
  /** What a message costs beyond its bytes: about the time that so many bytes take. */
  messageCostBytes: 512,
  /** Messages that are read at once, until others have their turn: half a millisecond. */
  turnMessagesMax: 128,
  /** Peers whose measure is kept, and networks: 1 KB each. */
  quotasMax: 16 * 1024,
  /** Questions of one asker that wait for their turn. */
  questionsMax: 64,
  /** Entries that a follower has room for: a second of a busy chain. */
  followAheadMax: 1024,
  /**
   * What followers that are further behind than that are given together: an eighth of a gigabit
   * line, and a twentieth of a core. A million entries of a kilobyte take a minute.
   */
  followBytesPerSecond: 16 * MiB,
} as const
