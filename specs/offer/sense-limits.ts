import { MiB, minute, second } from '../measure.ts'

/** How often a node looks how its machine is found: part of `limits`. */
export const senseLimits = {
  /** Between two looks at a machine: heat, memory and programs do not change faster. */
  observeMs: 10 * second,
  /** Between two looks whether somebody has come back: all has to stand still in two seconds. */
  returnMs: second,
  /** Between two looks at the network: who changes it has a minute of transfers at the most. */
  meteredMs: 30 * second,
  /** How long a command of the system may take to answer: most take some milliseconds. */
  senseMs: 2 * second,
  /** How often a sense may fail until what it told last counts no more: some do now and then. */
  senseFailuresMax: 3,
  /** What is read of an answer: the longest is a list of all programs that run. */
  senseBytesMax: MiB,
  /** Between two writes of what was transferred: what a kill takes of the count. */
  tallyMs: minute,
} as const
