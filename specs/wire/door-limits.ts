import { KiB, MiB, second } from '../measure.ts'

/** Bounds of what the owner of a node asks it on its own machine: part of `limits`. */
export const doorLimits = {
  /** One question of its owner at the door of a node: a line with an order and no more. */
  doorQuestionBytesMax: 4 * KiB,
  /** One answer there: as many units as a node may hold, at some hundred bytes each. */
  doorAnswerBytesMax: 4 * MiB,
  /** Who may stand at the door of a node at one time: an owner and a page, with some to spare. */
  doorCallersMax: 16,
  /** How long one may stand there: both ends are on one machine. */
  doorMs: 10 * second,
  /** The limits of a node in a file: all lists of them as long as they may be, several times. */
  limitsFileBytesMax: MiB,
  /** Lines to the page of a node at one time: six of a browser for each of some tabs. */
  pageLinesMax: 64,
  /** The headers of a request to the page of a node: browsers send half a KiB. */
  pageHeaderBytesMax: 8 * KiB,
  /** The path of a socket, as the least generous of the systems takes it, with its end. */
  socketPathBytesMax: 103,
} as const
