/** What a prepared module exports: its own two, and the two cells that the pass adds. */
export const exported = {
  /** The memory, with the maximum that the unit was allowed. */
  memory: 'memory',
  /** Runs the program: no parameters, no results. */
  start: '_start',
  /** A mutable i64: the fuel that is left. Set before `_start`; below zero, the unit is out. */
  fuel: 'nexapod.fuel',
  /** A mutable i32: one of `ended`. */
  ended: 'nexapod.ended',
} as const

/** What the cell `nexapod.ended` says after a trap: why the module stopped itself, if it did. */
export const ended = {
  /** It did not: what was caught is a trap of the program, or what a host call threw. */
  byItself: 0,
  /** The fuel was used up. A host call that takes the fuel below zero writes this, and throws. */
  outOfFuel: 1,
  /** Calls were nested too deeply. */
  stackLimit: 2,
  /** The machine had not the memory that the unit may use: never a result. */
  noMemory: 3,
} as const

/** The module that every import is from. */
export const hostModule = 'wasi_snapshot_preview1'

/** What a host call costs, taken from `nexapod.fuel` before the call has any effect. */
export const hostFuel = {
  /** Each call, whatever it does. */
  call: 1000,
  /** Each byte that it copies from or to the memory, or by which it lengthens a file otherwise. */
  byte: 1,
} as const

/** A type of a value: i is i32, I is i64. Host functions have no others. */
type HostTypes = `${string}:${'' | 'i'}`

/** The host functions that a module may import: their parameters, a colon, their result. */
export const hostFunctions = {
  args_get: 'ii:i',
  args_sizes_get: 'ii:i',
  environ_get: 'ii:i',
  environ_sizes_get: 'ii:i',
  clock_res_get: 'ii:i',
  clock_time_get: 'iIi:i',
  fd_advise: 'iIIi:i',
  fd_allocate: 'iII:i',
  fd_close: 'i:i',
  fd_datasync: 'i:i',
  fd_fdstat_get: 'ii:i',
  fd_fdstat_set_flags: 'ii:i',
  fd_fdstat_set_rights: 'iII:i',
  fd_filestat_get: 'ii:i',
  fd_filestat_set_size: 'iI:i',
  fd_filestat_set_times: 'iIIi:i',
  fd_pread: 'iiiIi:i',
  fd_prestat_get: 'ii:i',
  fd_prestat_dir_name: 'iii:i',
  fd_pwrite: 'iiiIi:i',
  fd_read: 'iiii:i',
  fd_readdir: 'iiiIi:i',
  fd_renumber: 'ii:i',
  fd_seek: 'iIii:i',
  fd_sync: 'i:i',
  fd_tell: 'ii:i',
  fd_write: 'iiii:i',
  path_create_directory: 'iii:i',
  path_filestat_get: 'iiiii:i',
  path_filestat_set_times: 'iiiiIIi:i',
  path_link: 'iiiiiii:i',
  path_open: 'iiiiiIIii:i',
  path_readlink: 'iiiiii:i',
  path_remove_directory: 'iii:i',
  path_rename: 'iiiiii:i',
  path_symlink: 'iiiii:i',
  path_unlink_file: 'iii:i',
  poll_oneoff: 'iiii:i',
  proc_exit: 'i:',
  sched_yield: ':i',
  random_get: 'ii:i',
} as const satisfies Readonly<Record<string, HostTypes>>

/** The name of a host function. */
export type HostFunction = keyof typeof hostFunctions
