import { limits } from '@nexapod/specs/wasm'
import { directoryRights, errno, fdflag, fileRights, oflag, right } from './codes.ts'
import { type Descriptor, descriptorOf } from './descriptors.ts'
import { type Guest, type HostCalls, held, unsigned } from './guest.ts'
import { follow, type Place, pathText, refusedName } from './path.ts'
import { stamp, stat } from './stat.ts'
import { Directory, File, type Node } from './tree.ts'

type PathCalls = Pick<HostCalls, Extract<keyof HostCalls, `path_${string}`>>

/** Rights that change what is opened. */
const changes = right.write | right.allocate | right.setSize

/** What a program may do below the directories that it holds. */
export function pathCalls(guest: Guest): PathCalls {
  return { ...opening(guest), ...naming(guest), ...telling(guest), ...linking(guest) }
}

function opening(guest: Guest) {
  return {
    path_open(fd, _lookup, path, length, flags, rights, inheriting, fdflags, stored) {
      const base = at(guest, fd, right.open, path, length)
      if (typeof base === 'number') return base
      if (!guest.memory.has(stored, 4)) return errno.fault
      if (flags > 15 || fdflags > fdflag.all) return errno.inval
      const asked = { flags, rights: unsigned(rights), inheriting: unsigned(inheriting), fdflags }
      const opened = open(guest, base, asked)
      if (typeof opened === 'number') return opened
      guest.memory.view.setUint32(stored, opened.fd, true)
      return errno.success
    },
  } satisfies Partial<HostCalls>
}

interface Asked {
  readonly flags: number
  readonly rights: bigint
  readonly inheriting: bigint
  readonly fdflags: number
}

/** Opens what is there, or makes a file; then gives it what was asked for and its kind can do. */
function open(guest: Guest, { place, descriptor }: Found, asked: Asked): { fd: number } | number {
  const { flags, rights } = asked
  const has = (flag: number) => (flags & flag) !== 0
  if ((rights & (right.read | right.write) & ~descriptor.inheriting) !== 0n) {
    return errno.notcapable
  }
  const refused = place.node === undefined ? unmade(descriptor, place, flags) : undefined
  if (refused !== undefined) return refused
  const { node } = place
  if (node !== undefined && has(oflag.create) && has(oflag.exclusive)) return errno.exist
  if (node instanceof Directory && ((rights & right.write) !== 0n || has(oflag.truncate))) {
    return errno.isdir
  }
  if (node instanceof File && has(oflag.directory)) return errno.notdir
  const writes = (rights & changes) !== 0n || has(oflag.truncate)
  if (node?.fixed && node instanceof File && writes) return errno.rofs
  if (has(oflag.truncate) && (descriptor.rights & right.pathSetSize) === 0n) {
    return errno.notcapable
  }
  const opened = node ?? new File(guest.quota)
  const added = guest.descriptors.add(grant(opened, descriptor, asked))
  if (typeof added === 'number') {
    if (node === undefined) forget(opened)
    return added
  }
  if (node === undefined) place.parent?.directory.put(place.parent.name, opened)
  else if (node instanceof File && has(oflag.truncate)) node.resize(0)
  return added
}

/** Why there is nothing to open, or undefined if a file may be made there. */
function unmade({ rights }: Descriptor, place: Place, flags: number): number | undefined {
  if ((flags & oflag.create) === 0) return errno.noent
  if ((flags & oflag.directory) !== 0) return errno.inval
  if ((rights & right.createFile) === 0n) return errno.notcapable
  return place.slash ? errno.isdir : unnamed(place)
}

/** A file that could not be opened after all was never there. */
function forget(node: Node): void {
  node.linked = false
  node.released()
}

function grant(node: Node, below: Descriptor, asked: Asked): Descriptor {
  const kind = node instanceof Directory ? directoryRights : fileRights
  const withheld = node.fixed && node instanceof File ? changes | right.setTimes : 0n
  return {
    ...descriptorOf(node),
    rights: asked.rights & below.inheriting & kind & ~withheld,
    inheriting: node instanceof Directory ? asked.inheriting & below.inheriting : 0n,
    flags: asked.fdflags,
  }
}

function naming(guest: Guest) {
  return {
    path_create_directory(fd, path, length) {
      const found = at(guest, fd, right.createDirectory, path, length)
      if (typeof found === 'number') return found
      const { place } = found
      if (place.node !== undefined || place.parent === undefined) return errno.exist
      const refused = unnamed(place)
      if (refused !== undefined) return refused
      const { directory, name } = place.parent
      if (directory.depth + 1 > limits.pathDepthMax) return errno.nametoolong
      directory.put(name, new Directory(guest.quota, directory.depth + 1))
      return errno.success
    },
    path_remove_directory(fd, path, length) {
      const found = at(guest, fd, right.removeDirectory, path, length)
      if (typeof found === 'number') return found
      const { node, parent } = found.place
      if (node === undefined) return errno.noent
      if (!(node instanceof Directory)) return errno.notdir
      if (parent === undefined) return errno.inval
      if (node.fixed || parent.directory.fixed) return errno.rofs
      if (!node.empty) return errno.notempty
      parent.directory.remove(parent.name)
      return errno.success
    },
    path_unlink_file(fd, path, length) {
      const found = at(guest, fd, right.unlink, path, length)
      if (typeof found === 'number') return found
      const { node, parent } = found.place
      if (node instanceof Directory) return errno.isdir
      if (node === undefined || parent === undefined) return errno.noent
      if (node.fixed || parent.directory.fixed) return errno.rofs
      parent.directory.remove(parent.name)
      return errno.success
    },
    path_rename(fd, path, length, toFd, toPath, toLength) {
      const from = at(guest, fd, right.renameSource, path, length)
      if (typeof from === 'number') return from
      const to = at(guest, toFd, right.renameTarget, toPath, toLength)
      return typeof to === 'number' ? to : rename(from.place, to.place)
    },
  } satisfies Partial<HostCalls>
}

function rename(from: Place, to: Place): number {
  const { node } = from
  if (node === undefined) return errno.noent
  if (from.parent === undefined || to.parent === undefined) return errno.inval
  if (node.fixed || from.parent.directory.fixed) return errno.rofs
  if (to.node === node) return errno.success
  const replaced = unreplaced(node, to)
  if (replaced !== undefined) return replaced
  if (node instanceof Directory) {
    const depth = to.parent.directory.depth + 1
    if (contains(node, to.parent.directory)) return errno.inval
    if (depth + heightOf(node) > limits.pathDepthMax) return errno.nametoolong
    setDepth(node, depth)
  }
  from.parent.directory.detach(from.parent.name)
  if (to.node !== undefined) to.parent.directory.remove(to.parent.name)
  to.parent.directory.put(to.parent.name, node)
  return errno.success
}

/** Why something may not take a place, or what is there may not make way for it. */
function unreplaced(node: Node, to: Place): number | undefined {
  const there = to.node
  if (there === undefined) {
    return to.slash && node instanceof File ? errno.notdir : unnamed(to)
  }
  if (there.fixed || to.parent?.directory.fixed) return errno.rofs
  if (node instanceof File) return there instanceof Directory ? errno.isdir : undefined
  if (there instanceof File) return errno.notdir
  return there.empty ? undefined : errno.notempty
}

function contains(directory: Directory, sought: Directory): boolean {
  if (directory === sought) return true
  return directories(directory).some((each) => contains(each, sought))
}

function heightOf(directory: Directory): number {
  return directories(directory).reduce((most, each) => Math.max(most, 1 + heightOf(each)), 0)
}

function setDepth(directory: Directory, depth: number): void {
  directory.depth = depth
  for (const each of directories(directory)) setDepth(each, depth + 1)
}

function directories(directory: Directory): Directory[] {
  const nodes = directory.names.map((name) => directory.get(name))
  return nodes.filter((node) => node instanceof Directory)
}

function telling(guest: Guest) {
  return {
    path_filestat_get(fd, _lookup, path, length, stored) {
      const found = at(guest, fd, right.pathStat, path, length)
      if (typeof found === 'number') return found
      const { node } = found.place
      return node === undefined ? errno.noent : stat(guest, node, stored)
    },
    path_filestat_set_times(fd, _lookup, path, length, accessed, modified, flags) {
      const found = at(guest, fd, right.pathSetTimes, path, length)
      if (typeof found === 'number') return found
      const { node } = found.place
      return node === undefined ? errno.noent : stamp(guest, node, accessed, modified, flags)
    },
  } satisfies Partial<HostCalls>
}

/** There are no links of either kind: none is made, so none is found. */
function linking(guest: Guest) {
  return {
    path_link: () => errno.notsup,
    path_symlink: () => errno.notsup,
    path_readlink(fd, path, length) {
      const found = at(guest, fd, right.readlink, path, length)
      if (typeof found === 'number') return found
      return found.place.node === undefined ? errno.noent : errno.inval
    },
  } satisfies Partial<HostCalls>
}

interface Found {
  readonly descriptor: Descriptor
  readonly place: Place
}

/** Where a path of the guest leads, checked in this order: descriptor, bounds, pointer, path. */
function at(
  guest: Guest,
  fd: number,
  needed: bigint,
  path: number,
  length: number,
): Found | number {
  const descriptor = held(guest, fd, needed)
  if (typeof descriptor === 'number') return descriptor
  if (length > limits.wasmPathBytesMax) return errno.nametoolong
  const { memory, meter } = guest
  if (!memory.has(path, length)) return errno.fault
  if (!(descriptor.node instanceof Directory)) return errno.notdir
  meter.bytes(length)
  const text = pathText(memory.bytes.subarray(path, path + length))
  if (typeof text === 'number') return text
  const place = follow(descriptor.node, text)
  return typeof place === 'number' ? place : { descriptor, place }
}

/** Why something new may not stand in this place. */
function unnamed({ parent }: Place): number | undefined {
  if (parent === undefined) return errno.exist
  const { directory, name } = parent
  if (directory.fixed) return errno.rofs
  if (!directory.linked) return errno.noent
  return refusedName(name) ?? (directory.taken(name) ? errno.exist : undefined)
}
