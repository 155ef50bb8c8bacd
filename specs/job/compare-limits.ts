import { KiB, MiB, minute } from '../measure.ts'

/** The bounds of comparing outcomes by the rules of their job. */
export const compareLimits = {
  /** How long outputs may be fetched, and how long two outcomes may be compared. */
  compareMs: 10 * minute,
  /** How often a node is asked again for what it gave, with pauses from a second on: a minute. */
  compareTriesMax: 6,
  /** Comparisons at one time: each has two files open, and half a processor. */
  comparisonsMax: 4,
  /** What is compared of one outcome by its rules: numbers of that many bytes take a minute. */
  compareBytesMax: 4 * 1024 * MiB,
  /** What is held in all for units that are not decided. */
  comparedBytesMax: 64 * 1024 * MiB,
  /** One field of a csv, one string of a json, the header of an npy: it is held in memory. */
  compareTextBytesMax: 64 * KiB,
  /** Lists and maps in each other in a json. */
  compareDepthMax: 64,
  /** Fuel of a checker: some ten seconds. Out of fuel is a no, on every machine. */
  checkerFuelMax: 20_000_000_000,
  /** How long a checker may take: several times what its fuel does on a slow machine. */
  checkerMs: 5 * minute,
  /** Memory of a checker; as much again for what the unit read and gave. */
  checkerBytesMax: 256 * MiB,
} as const
