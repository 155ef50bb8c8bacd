import { hour, KiB, MiB, minute } from '../measure.ts'

/** The bounds of containers, of what goes in and comes out, and of their images. */
export const containerLimits = {
  /** Processes and threads of a container: a compiler that builds in parallel takes some tens. */
  containerPidsMax: 128,
  /** Open files of a process: what a login has. */
  containerDescriptorsMax: 1024,
  /** `/tmp` of a container that shares it with no other. It counts as its memory. */
  containerTmpBytesMax: 256 * MiB,
  /** Files and directories in such a `/tmp`. */
  containerTmpNodesMax: 16_384,
  /**
   * Bytes in the outputs of a unit, and as many in its inputs, whatever its job says: they are held
   * in memory while they are handed over.
   */
  containerFileBytesMax: 1024 * MiB,
  /** Files in the outputs of a unit, and in its inputs: each takes some hundred bytes. */
  containerFilesMax: 16_384,
  /** Files that a unit may have on the disk while it runs: twice its outputs, for scratch. */
  containerNodesMax: 32_768,
  /** What a unit may go beyond its disk until it is ended: looks at a disk are some way apart. */
  containerSlackBytes: 64 * MiB,
  /** Between two looks at what containers have written. */
  containerLookMs: 200,
  /** How long a unit waits for an engine that went away under it: as long as a restart takes. */
  engineMs: minute,
  /** How long it may take until an image is there: 10 GB come in that time over 3 MB/s. */
  imageMs: hour,
  /** What is read of an archive about its image: names, variables, a digest for each layer. */
  imageConfigBytesMax: 1024 * KiB,
  /** Layers of an image: engines take 127. */
  imageLayersMax: 127,
} as const
