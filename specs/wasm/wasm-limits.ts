import { KiB, MiB } from '../measure.ts'

/** The bounds of modules, and of what they find around them. */
export const wasmLimits = {
  /** A module. What clang makes of a large C++ program is 5 MiB; engines take 1 GiB. */
  wasmModuleBytesMax: 16 * MiB,
  /** The code of one function: an optimising compiler takes 0.3 s for it, and 1.4 s for 1 MiB. */
  wasmBodyBytesMax: 256 * KiB,
  /** Functions of a module. */
  wasmFunctionsMax: 50_000,
  /** Types of functions. */
  wasmTypesMax: 10_000,
  /** Parameters of a function: what every engine takes. */
  wasmParametersMax: 1000,
  /** Parameters and locals of a function: engines take 50,000. */
  wasmLocalsMax: 10_000,
  /** Blocks, loops and ifs in each other: a switch of so many cases. */
  wasmNestingMax: 4096,
  /** Loops of a function: compilers take the square of them, 0.2 s for 5000. */
  wasmLoopsMax: 4096,
  /** Loops in each other: a compiler took 34 s for a thousand with many locals. */
  wasmLoopNestingMax: 64,
  /** Constructs of a function times its locals: compilers look at each local at each join. */
  wasmJoinsMax: 8_000_000,
  /** Labels of one `br_table`: engines take 65,520. */
  wasmBranchesMax: 65_000,
  /** Entries of the table: a function each, and some to spare. */
  wasmTableMax: 100_000,
  /** Globals: a linker makes a handful. */
  wasmGlobalsMax: 10_000,
  /** Segments of data, and of entries of the table: a linker makes some. */
  wasmSegmentsMax: 10_000,
  /** Exports, of which two are kept. */
  wasmExportsMax: 10_000,
  /** What nested calls may take, in slots of 8 bytes: engines have 984 KB if nobody says more. */
  wasmStackSlotsMax: 65_536,

  // ── what a module finds around it ────────────────────────────────────────────────────────────

  /** Open files and directories of a program. */
  wasmDescriptorsMax: 64,
  /** Files and directories of a unit beside its inputs: those that are open and nameless too. */
  wasmNodesMax: 4096,
  /**
   * Bytes in the files of a unit, and as many in its inputs, whatever its job says: they are held
   * in memory.
   */
  wasmFileBytesMax: 1024 * MiB,
  /** Files in the inputs of a unit, and blocks of each input: each takes some hundred bytes. */
  wasmInputFilesMax: 65_536,
  /** Buffers of one read or write. */
  wasmBuffersMax: 1024,
  /** A path as a program gives it: longer than any that leads somewhere. */
  wasmPathBytesMax: 1024,
  /** What one poll waits for. */
  wasmSubscriptionsMax: 1024,
  /** Calls of a unit to what is around it: some at each of ten thousand steps of a day. */
  wasmCallsMax: 10_000_000,
  /** How far the clock of a unit goes: 146 years of sleep, of which none is waited for. */
  wasmClockMsMax: 2 ** 42,
  /** What is kept of the streams of a unit that are no output, in which nothing is compared. */
  logBytesMax: 256 * KiB,
} as const
