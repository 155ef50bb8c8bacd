import { limits } from '@nexapod/specs/wasm'
import { errno, fdflag, filetype, right } from './codes.ts'
import type { Descriptor } from './descriptors.ts'
import { type Guest, type HostCalls, held, unsigned } from './guest.ts'
import type { Span } from './memory.ts'
import { stamp, stat, typeOf } from './stat.ts'
import { Directory, File } from './tree.ts'

type DescriptorCalls = Pick<HostCalls, Extract<keyof HostCalls, `fd_${string}`>>

/** What a program may do with what it holds open. */
export function descriptorCalls(guest: Guest): DescriptorCalls {
  return { ...reading(guest), ...writing(guest), ...asking(guest), ...changing(guest) }
}

function reading(guest: Guest) {
  const { memory, meter } = guest
  /** Copies what there is from a place on into buffers; gives how much that was. */
  const read = (node: Descriptor['node'], from: number, spans: readonly Span[]): number => {
    const bytes = node instanceof File ? node.bytes.subarray(from) : new Uint8Array(0)
    const length = Math.min(bytes.length, total(spans))
    meter.bytes(8 * spans.length + length)
    let at = 0
    for (const span of spans) {
      const some = Math.min(span.length, length - at)
      memory.bytes.set(bytes.subarray(at, at + some), span.at)
      at += some
    }
    return length
  }
  return {
    fd_read(fd, list, count, stored) {
      const found = transfer(guest, fd, right.read, list, count, stored)
      if (typeof found === 'number') return found
      const { descriptor, spans } = found
      const length = read(descriptor.node, descriptor.offset, spans)
      descriptor.offset += length
      memory.view.setUint32(stored, length, true)
      return errno.success
    },
    fd_pread(fd, list, count, offset, stored) {
      const found = transfer(guest, fd, right.read | right.seek, list, count, stored)
      if (typeof found === 'number') return found
      const length = read(found.descriptor.node, numberOf(unsigned(offset)), found.spans)
      memory.view.setUint32(stored, length, true)
      return errno.success
    },
    fd_readdir: (fd, at, length, cookie, stored) => list(guest, fd, at, length, cookie, stored),
  } satisfies Partial<HostCalls>
}

function writing(guest: Guest) {
  const { memory, meter } = guest
  /** Copies all of the buffers to a place of a file; bytes that it is lengthened by count too. */
  const write = (file: File, from: number, spans: readonly Span[], length: number): number => {
    if (from + length > Number.MAX_SAFE_INTEGER) return errno.fbig
    const gap = length === 0 ? 0 : Math.max(0, from - file.size)
    meter.bytes(8 * spans.length + length + gap)
    if (length === 0) return errno.success
    if (from + length > file.size) file.resize(from + length)
    let at = from
    for (const span of spans) {
      file.write(at, memory.bytes.subarray(span.at, span.at + span.length))
      at += span.length
    }
    return errno.success
  }
  return {
    fd_write(fd, list, count, stored) {
      const found = transfer(guest, fd, right.write, list, count, stored)
      if (typeof found === 'number') return found
      const { descriptor, spans } = found
      const { node } = descriptor
      const length = total(spans)
      if (length > 0xffff_ffff) return errno.inval
      if (node instanceof File) {
        const append = (descriptor.flags & fdflag.append) !== 0
        const from = append ? node.size : descriptor.offset
        const failed = write(node, from, spans, length)
        if (failed !== errno.success) return failed
        descriptor.offset = from + length
      } else if (!(node instanceof Directory)) {
        meter.bytes(8 * spans.length + length)
        for (const span of spans)
          node.write?.(memory.bytes.subarray(span.at, span.at + span.length))
      }
      memory.view.setUint32(stored, length, true)
      return errno.success
    },
    fd_pwrite(fd, list, count, offset, stored) {
      const found = transfer(guest, fd, right.write | right.seek, list, count, stored)
      if (typeof found === 'number') return found
      const { descriptor, spans } = found
      const length = total(spans)
      if (length > 0xffff_ffff) return errno.inval
      if (!(descriptor.node instanceof File)) return errno.spipe
      const failed = write(descriptor.node, numberOf(unsigned(offset)), spans, length)
      if (failed !== errno.success) return failed
      memory.view.setUint32(stored, length, true)
      return errno.success
    },
    fd_allocate(fd, offset, length) {
      const file = fileOf(guest, fd, right.allocate)
      if (typeof file === 'number') return file
      if (length === 0n) return errno.inval
      const end = numberOf(unsigned(offset) + unsigned(length))
      return end <= file.size ? errno.success : resize(guest, file, end)
    },
    fd_filestat_set_size(fd, size) {
      const file = fileOf(guest, fd, right.setSize)
      return typeof file === 'number' ? file : resize(guest, file, numberOf(unsigned(size)))
    },
  } satisfies Partial<HostCalls>
}

function asking(guest: Guest) {
  const { memory, descriptors } = guest
  return {
    fd_fdstat_get(fd, at) {
      const descriptor = held(guest, fd, 0n)
      if (typeof descriptor === 'number') return descriptor
      if (!memory.has(at, 24)) return errno.fault
      memory.bytes.fill(0, at, at + 24)
      memory.view.setUint8(at, typeOf(descriptor.node))
      memory.view.setUint16(at + 2, descriptor.flags, true)
      memory.view.setBigUint64(at + 8, descriptor.rights, true)
      memory.view.setBigUint64(at + 16, descriptor.inheriting, true)
      return errno.success
    },
    fd_filestat_get(fd, at) {
      const descriptor = held(guest, fd, right.stat)
      return typeof descriptor === 'number' ? descriptor : stat(guest, descriptor.node, at)
    },
    fd_prestat_get(fd, at) {
      const name = descriptors.get(fd)?.preopened
      if (name === undefined) return errno.badf
      if (!memory.has(at, 8)) return errno.fault
      memory.view.setUint32(at, 0, true)
      memory.view.setUint32(at + 4, name.length, true)
      return errno.success
    },
    fd_prestat_dir_name(fd, at, length) {
      const name = descriptors.get(fd)?.preopened
      if (name === undefined) return errno.badf
      if (length < name.length) return errno.nametoolong
      if (!memory.has(at, name.length)) return errno.fault
      memory.bytes.set(new TextEncoder().encode(name), at)
      return errno.success
    },
    fd_tell(fd, at) {
      const descriptor = held(guest, fd, right.tell)
      return typeof descriptor === 'number' ? descriptor : place(guest, descriptor, at)
    },
    fd_seek(fd, offset, whence, at) {
      const isTell = offset === 0n && whence === 1
      const descriptor = held(guest, fd, isTell ? right.tell : right.seek)
      if (typeof descriptor === 'number') return descriptor
      if (!(descriptor.node instanceof File)) return errno.spipe
      if (!memory.has(at, 8)) return errno.fault
      const base = [0, descriptor.offset, descriptor.node.size][whence]
      if (base === undefined) return errno.inval
      const to = BigInt(base) + BigInt.asIntN(64, offset)
      if (to < 0n) return errno.inval
      if (to > BigInt(Number.MAX_SAFE_INTEGER)) return errno.overflow
      descriptor.offset = Number(to)
      return place(guest, descriptor, at)
    },
  } satisfies Partial<HostCalls>
}

function changing(guest: Guest) {
  const { descriptors } = guest
  const done = (fd: number, needed: bigint): number => {
    const descriptor = held(guest, fd, needed)
    return typeof descriptor === 'number' ? descriptor : errno.success
  }
  return {
    fd_advise: (fd, _offset, _length, advice) =>
      advice > 5 ? errno.inval : done(fd, right.advise),
    fd_datasync: (fd) => done(fd, right.datasync),
    fd_sync: (fd) => done(fd, right.sync),
    fd_close(fd) {
      if (descriptors.get(fd) === undefined) return errno.badf
      descriptors.close(fd)
      return errno.success
    },
    fd_renumber(from, to) {
      const both = descriptors.get(from) !== undefined && descriptors.get(to) !== undefined
      if (!both) return errno.badf
      descriptors.move(from, to)
      return errno.success
    },
    fd_fdstat_set_flags(fd, flags) {
      const descriptor = held(guest, fd, right.setFlags)
      if (typeof descriptor === 'number') return descriptor
      if (flags > fdflag.all) return errno.inval
      descriptor.flags = flags
      return errno.success
    },
    fd_fdstat_set_rights(fd, rights, inheriting) {
      const descriptor = held(guest, fd, 0n)
      if (typeof descriptor === 'number') return descriptor
      const more = unsigned(rights) & ~descriptor.rights
      const moreBelow = unsigned(inheriting) & ~descriptor.inheriting
      if (more !== 0n || moreBelow !== 0n) return errno.notcapable
      descriptor.rights = unsigned(rights)
      descriptor.inheriting = unsigned(inheriting)
      return errno.success
    },
    fd_filestat_set_times(fd, accessed, modified, flags) {
      const descriptor = held(guest, fd, right.setTimes)
      if (typeof descriptor === 'number') return descriptor
      return stamp(guest, descriptor.node, accessed, modified, flags)
    },
  } satisfies Partial<HostCalls>
}

/** What a read or write moves between, checked in this order: descriptor, bounds, pointers. */
function transfer(
  guest: Guest,
  fd: number,
  needed: bigint,
  list: number,
  count: number,
  stored: number,
): { readonly descriptor: Descriptor; readonly spans: readonly Span[] } | number {
  const descriptor = held(guest, fd, needed)
  if (typeof descriptor === 'number') return descriptor
  if (count > limits.wasmBuffersMax) return errno.inval
  const spans = guest.memory.spans(list, count)
  if (spans === undefined || !guest.memory.has(stored, 4)) return errno.fault
  return { descriptor, spans }
}

function fileOf(guest: Guest, fd: number, needed: bigint): File | number {
  const descriptor = held(guest, fd, needed)
  if (typeof descriptor === 'number') return descriptor
  return descriptor.node instanceof File ? descriptor.node : errno.inval
}

function resize({ meter }: Guest, file: File, size: number): number {
  if (size > Number.MAX_SAFE_INTEGER) return errno.fbig
  meter.bytes(Math.max(0, size - file.size))
  file.resize(size)
  return errno.success
}

/** Where a descriptor stands in its file. */
function place({ memory }: Guest, { offset }: Descriptor, at: number): number {
  if (!memory.has(at, 8)) return errno.fault
  memory.view.setBigUint64(at, BigInt(offset), true)
  return errno.success
}

/** A listing stays as it was when it began: whoever removes what it names misses nothing. */
function list(
  guest: Guest,
  fd: number,
  at: number,
  length: number,
  from: bigint,
  stored: number,
): number {
  const { memory, meter } = guest
  const descriptor = held(guest, fd, right.readdir)
  if (typeof descriptor === 'number') return descriptor
  const { node } = descriptor
  if (!(node instanceof Directory)) return errno.notdir
  if (!memory.has(at, length) || !memory.has(stored, 4)) return errno.fault
  const first = numberOf(unsigned(from))
  if (first === 0 || descriptor.listing === undefined) {
    descriptor.listing = ['.', '..', ...node.names]
  }
  const room = memory.bytes.subarray(at, at + length)
  let used = 0
  for (let i = first; i < descriptor.listing.length && used < length; i++) {
    const name = descriptor.listing[i] as string
    const entry = entryBytes(node, name, i + 1)
    const some = entry.subarray(0, length - used)
    meter.bytes(some.length)
    room.set(some, used)
    used += some.length
  }
  memory.view.setUint32(stored, used, true)
  return errno.success
}

function entryBytes(directory: Directory, name: string, next: number): Uint8Array {
  const node = name === '.' || name === '..' ? directory : directory.get(name)
  const entry = new Uint8Array(24 + name.length)
  const view = new DataView(entry.buffer)
  view.setBigUint64(0, BigInt(next), true)
  view.setBigUint64(8, name === '..' ? 0n : (node?.inode ?? 0n), true)
  view.setUint32(16, name.length, true)
  view.setUint8(20, node === undefined ? filetype.unknown : typeOf(node))
  entry.set(new TextEncoder().encode(name), 24)
  return entry
}

function total(spans: readonly Span[]): number {
  return spans.reduce((sum, { length }) => sum + length, 0)
}

/** A place in a file. Beyond what a number holds there is none, and what adds to it says so. */
function numberOf(value: bigint): number {
  return Number(value)
}
