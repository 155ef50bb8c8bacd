/** What a unit may do to the host: each is the same on every machine, since results depend on it. */
export const bounds = {
  /** Open files and directories. */
  descriptorsMax: 64,
  /** Files and directories that are there or still open, without the inputs: 4 MB of them. */
  nodesMax: 4096,
  /** Bytes in the files of a unit, whatever its job says: files are held in memory. */
  fileBytesMax: 2 ** 30,
  /** Buffers of one read or write. */
  spansMax: 1024,
  /** A path as a program gives it. */
  pathBytesMax: 1024,
  /** One name of a path: what every file system takes. */
  nameBytesMax: 255,
  /** Directories in one another. */
  depthMax: 32,
  /** What one poll waits for. */
  subscriptionsMax: 1024,
  /** Calls of the host: at 1000 fuel each no honest unit comes near it. */
  callsMax: 10_000_000,
  /** Bytes of a stream that is no file; the rest is heard by nobody. */
  logBytesMax: 256 * 1024,
  /** How far the clock of a unit goes: 146 years of sleep, still a number of nanoseconds. */
  clockNsMax: 1n << 62n,
} as const
