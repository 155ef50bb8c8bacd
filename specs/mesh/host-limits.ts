import { KiB, MiB, minute, second } from '../measure.ts'

/** The bounds of a host of the mesh: who comes in, where it dials, what it hears and passes on. */
export const hostLimits = {
  /** Connections of a coordinator: 30 KB of heap and 200 KB in all for each, so half a gigabyte. */
  connectionsMax: 3000,
  /** Connections of a host that only dials out: coordinators, and those that it has data from. */
  nodeConnectionsMax: 128,
  /** Connections of one key: two that dial each other at once, one relayed, and what lingers. */
  connectionsPerPeerMax: 4,
  /** Connections from one address: a university behind one router. IPv6: of one /64. */
  connectionsPerAddressMax: 512,
  /** Connections a second from one address: a class room that is switched on in the morning. */
  connectionsPerSecondMax: 64,
  /** Connections that have not said who they are: ten seconds of a busy coordinator's newcomers. */
  handshakesMax: 512,
  /** The same from one address, so that nobody fills all of them; a class room fits. */
  handshakesPerAddressMax: 96,
  /**
   * After a handshake with a stranger nobody opens anything for so long: it costs three
   * milliseconds in all. So 200 nodes that come at once are in within five seconds.
   */
  handshakeGapMs: 8,
  /** From a connection to its key: two round trips, on the slowest line. */
  handshakeMs: 10 * second,
  /**
   * Streams that one connection may have open towards us, of all protocols together: a member has
   * one for each chain that is written here, and each that was lost somewhere is one more. What a
   * stranger may have of a protocol is less.
   */
  streamsMax: 192,
  /** What the window of a stream grows to, if its reader is fast: 50 MB/s at 40 ms. */
  windowBytesMax: 2 * MiB,
  /** What is read ahead of a reader that pauses: a window, and what was on its way already. */
  readBufferBytes: 4 * MiB,
  /** Until an address has to answer. */
  dialMs: 10 * second,
  /** Addresses of one peer that are tried: what a beacon may name, and as many relayed. */
  dialAddressesMax: 12,
  /** Addresses a minute that are dialled because a peer named them, and nobody configured them. */
  hintedDialsPerMinuteMax: 120,
  /** The same to one IP, until the longest pause is over: a host that has moved its port. */
  hintedDialsPerAddressMax: 8,
  /** How long a peer that floods or lies is kept out. */
  banMs: 10 * minute,
  /** Peers that a host remembers addresses of, and provider records that it keeps. */
  bookEntriesMax: 8192,
  /** One such entry: what a peer may say of itself in one identify, and something around it. */
  bookEntryBytesMax: 16 * KiB,
  /** Streams of one protocol of the library that are read at once: each can hold 4 MiB. */
  libraryStreamsMax: 48,
  /** The same of one network, so that no network keeps out all others. */
  libraryStreamsPerNetworkMax: 24,
  /** Streams of bitswap that one connection has open towards us: one for each message. */
  bitswapStreamsMax: 8,
  /** Wants of bitswap that are kept of one peer: those of some fetches at once. */
  bitswapWantsMax: 128,
  /** Peers for which bitswap has blocks in memory at once. */
  bitswapTurnsMax: 8,
  /** Gossip messages a second, after which a peer is kept out: ten from each coordinator. */
  gossipPerSecondMax: 240,
  /** Messages that are checked at once: a signature is a tenth of a millisecond. */
  gossipChecksMax: 64,
  /**
   * How old a gossiped document may be. With the skew of clocks it is as long as messages are
   * recognised, so that a replay after that is too old.
   */
  gossipMsMax: 2 * minute,
  /** Documents that do not open, after which who passed them on is kept out. */
  gossipWrongMax: 16,
  /**
   * For how long a coordinator is not heard until others may end its epoch: longer than a restart
   * or a stall of a busy machine, and short enough that another goes on within half a minute.
   */
  silentMs: 10 * second,
  /**
   * The same of a chain that was taken over and on which nothing is open any more. One coordinator
   * has many of these, and comes back to them from an upgrade or a machine that was begun again.
   */
  restMs: 2 * minute,
  /** How far the next ballot may be from the last: a month of honest ones; a liar finds no end. */
  ballotStepMax: 2 ** 20,
  /** Sizes of cuts of one epoch that a member tells one by one; who lies can have it take many. */
  cutsMax: 64,
  /**
   * Chains that one member begins and that no quorum has ended: one each time that it has lost its
   * disk, until the others have sealed what was lost. Those that it goes on with a quorum gave it.
   */
  chainsOfOneMax: 32,
  /** Proofs of forks of one coordinator that are kept: its chains are few, and one is enough. */
  forksOfOneMax: 64,
  /** Forked chains whose proof was passed on and need not be again. */
  forksHeardMax: 1024,
  /** Providers of one CID that are asked for: more than can be read from at once. */
  providersMax: 20,
  /** Until a search in the directory ends: it is a hint, and a unit does not wait for it. */
  findMs: 10 * second,
  /** Reservations of a relay: each is a connection that is there already. */
  relayedMax: 1024,
  /** What one relayed connection may carry each way: a large input; more needs a direct one. */
  relayBytesMax: 64 * MiB,
  /** How long one relayed connection may last: what 64 MiB takes on a slow line. */
  relayMs: 10 * minute,
  /** Tries to get a direct connection out of a relayed one. */
  punchesMax: 3,
  /** Until such a try has failed: TCP sends a first packet again after one second, and two more. */
  punchMs: 5 * second,
  /** One invitation, written out: 24 coordinators with an address each fit a QR code and a half. */
  invitationBytesMax: 8 * KiB,
} as const
