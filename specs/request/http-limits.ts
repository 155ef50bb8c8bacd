import { day, KiB, MiB, minute, second } from '../measure.ts'

/** The bounds of what is asked over HTTP: by whom how often, and what is kept for it. */
export const httpLimits = {
  /** Connections of all: browsers hold six each. Each has a socket and some KB. */
  httpConnectionsMax: 2048,
  /** All headers of a request: ours need some hundred bytes. */
  httpHeaderBytesMax: 8 * KiB,
  /** From a request to the end of a document in it. */
  httpBodyMs: 10 * second,
  /** Questions of one address in a minute: a page that is looked at asks some dozen. */
  httpReadsPerMinuteMax: 1200,
  /** What one address may ask to be done in a minute: each is a signature and a sync. */
  httpWritesPerMinuteMax: 240,
  /** Streams of entries at once: what is new is made once for all, and sent to each. */
  httpStreamsMax: 512,
  /** The same to one address: a class room that looks at the wall. */
  httpStreamsPerAddressMax: 64,
  /** Files and CARs on their way at once: each holds some blocks in memory. */
  httpDownloadsMax: 64,
  /** The same to one address: a browser opens six connections. */
  httpDownloadsPerAddressMax: 16,
  /** Without an entry, after which a stream says that it is there. */
  httpBeatMs: 10 * second,
  /** Items of a page at most. */
  pageMax: 100,
  /** Items of a page if nothing else is asked for. */
  pageDefault: 50,
  /**
   * Keys that say something of themselves, from which on only those may that have earned something:
   * each is a row on the disk and some hundred bytes in memory, and a key costs nothing.
   */
  namingsMax: 65_536,
  /** One file that is uploaded; more goes over the mesh. */
  uploadBytesMax: 4096 * MiB,
  /**
   * Files and directories in one tar that is uploaded, and those that only a path names: each is
   * held in memory while it is read, and becomes a block.
   */
  uploadEntriesMax: 65_536,
  /** What is kept for one address at a time. */
  uploadsPerAddressBytesMax: 16_384 * MiB,
  /** Uploads that are on their way at once: each has a file of its own until it is whole. */
  uploadsMax: 16,
  /** The same from one address. */
  uploadsPerAddressMax: 4,
  /** How long one may take: the largest at 2 MB/s. */
  uploadMsMax: 40 * minute,
  /** How long what was uploaded is kept without a job that needs it: until after a week-end. */
  uploadKeptMs: 7 * day,
  /** Entries that are at hand for streams at the end of the chain: a second of a busy one. */
  httpReelBytesMax: 4 * MiB,
  /** Between two reads for streams that are further behind: a quarter of a core at most. */
  httpReelPauseMs: 20,
} as const
