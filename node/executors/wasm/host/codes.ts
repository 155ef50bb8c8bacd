/** The numbers of WASI preview 1 that this host answers with. */
export const errno = {
  success: 0,
  badf: 8,
  exist: 20,
  fault: 21,
  fbig: 22,
  ilseq: 25,
  inval: 28,
  isdir: 31,
  mfile: 33,
  nametoolong: 37,
  noent: 44,
  notdir: 54,
  notempty: 55,
  notsup: 58,
  overflow: 61,
  perm: 63,
  rofs: 69,
  spipe: 70,
  notcapable: 76,
} as const

/** What a file or stream is, as a guest is told. */
export const filetype = { unknown: 0, directory: 3, file: 4 } as const

/** How `path_open` opens. */
export const oflag = { create: 1, directory: 2, exclusive: 4, truncate: 8 } as const

/** How an open file behaves: of these only `append` changes anything here. */
export const fdflag = { append: 1, all: 31 } as const

/** What may be done with an open file or below an open directory. */
export const right = {
  datasync: 1n << 0n,
  read: 1n << 1n,
  seek: 1n << 2n,
  setFlags: 1n << 3n,
  sync: 1n << 4n,
  tell: 1n << 5n,
  write: 1n << 6n,
  advise: 1n << 7n,
  allocate: 1n << 8n,
  createDirectory: 1n << 9n,
  createFile: 1n << 10n,
  linkSource: 1n << 11n,
  linkTarget: 1n << 12n,
  open: 1n << 13n,
  readdir: 1n << 14n,
  readlink: 1n << 15n,
  renameSource: 1n << 16n,
  renameTarget: 1n << 17n,
  pathStat: 1n << 18n,
  pathSetSize: 1n << 19n,
  pathSetTimes: 1n << 20n,
  stat: 1n << 21n,
  setSize: 1n << 22n,
  setTimes: 1n << 23n,
  symlink: 1n << 24n,
  removeDirectory: 1n << 25n,
  unlink: 1n << 26n,
  poll: 1n << 27n,
} as const

/** All that can be done with a file. */
export const fileRights =
  sum('datasync read seek setFlags sync tell write advise allocate stat') |
  sum('setSize setTimes poll')

/** All that can be done with a directory and below it. */
export const directoryRights =
  sum('createDirectory createFile linkSource linkTarget open readdir readlink renameSource') |
  sum('renameTarget pathStat pathSetSize pathSetTimes stat setTimes symlink removeDirectory unlink')

/** What a stream that is no file allows: neither seek nor tell, which says that it is none. */
export const streamRights = {
  in: sum('read setFlags stat poll'),
  out: sum('write setFlags sync datasync stat poll'),
} as const

function sum(names: string): bigint {
  return names.split(' ').reduce((all, name) => all | (right[name as keyof typeof right] ?? 0n), 0n)
}
