import { day, hour, MiB, second } from '../measure.ts'

/** What a coordinator keeps for others, and how long: part of `limits`. */
export const keepingLimits = {
  /** How long nodes wait at most with letting go of outputs, until their coordinator has them. */
  keepMs: 10 * second,
  /** How long results are kept after the end of their job: a publisher may have been away. */
  resultsKeptMs: 30 * day,
  /** Outputs that nobody had, and that are asked for again: some hundred bytes each. */
  missingMax: 16_384,
  /** Jobs whose data is fetched from publishers at one time: each has a stream and buffers. */
  intakesMax: 16,
  /** The same from one network: nobody takes all places with data that never comes. */
  intakesPerNetworkMax: 4,
  /** The data of one job, and how long it may take: 10 GB come in that time over 3 MB/s. */
  intakeBytesMax: 10_000_000_000,
  intakeMs: hour,
  /** What a publisher gets from an address: it is in memory until its digest was looked at. */
  downloadBytesMax: 256 * MiB,
  /** What a publisher's connection keeps on its disk while it is open: inputs, and results. */
  connectionBytesMax: 100_000_000_000,
} as const
