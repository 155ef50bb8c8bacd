import { errno, filetype } from './codes.ts'
import type { Descriptor } from './descriptors.ts'
import { type Guest, unsigned } from './guest.ts'
import { Directory, File } from './tree.ts'

const stampFlag = { accessed: 1, accessedNow: 2, modified: 4, modifiedNow: 8 } as const

/** What a descriptor holds, as a number of WASI. */
export function typeOf(node: Descriptor['node']): number {
  if (node instanceof Directory) return filetype.directory
  return node instanceof File ? filetype.file : filetype.unknown
}

/** Tells what something is: nothing of the machine, and no time that the unit did not set. */
export function stat({ memory }: Guest, node: Descriptor['node'], at: number): number {
  if (!memory.has(at, 64)) return errno.fault
  memory.bytes.fill(0, at, at + 64)
  const { view } = memory
  view.setBigUint64(at, 1n, true)
  view.setUint8(at + 16, typeOf(node))
  view.setBigUint64(at + 24, 1n, true)
  if (!(node instanceof File) && !(node instanceof Directory)) return errno.success
  view.setBigUint64(at + 8, node.inode, true)
  if (node instanceof File) view.setBigUint64(at + 32, BigInt(node.size), true)
  view.setBigUint64(at + 40, node.accessed, true)
  view.setBigUint64(at + 48, node.modified, true)
  return errno.success
}

/** Sets the times of something, which nothing but the unit itself reads. */
export function stamp(
  { meter, epochNs }: Guest,
  node: Descriptor['node'],
  accessed: bigint,
  modified: bigint,
  flags: number,
): number {
  const both = (a: number, b: number) => (flags & a) !== 0 && (flags & b) !== 0
  const twice =
    both(stampFlag.accessed, stampFlag.accessedNow) ||
    both(stampFlag.modified, stampFlag.modifiedNow)
  if (flags > 15 || twice) return errno.inval
  if (!(node instanceof File) && !(node instanceof Directory)) return errno.badf
  if (node.fixed) return errno.rofs
  const now = epochNs + meter.now
  if ((flags & stampFlag.accessed) !== 0) node.accessed = unsigned(accessed)
  if ((flags & stampFlag.accessedNow) !== 0) node.accessed = now
  if ((flags & stampFlag.modified) !== 0) node.modified = unsigned(modified)
  if ((flags & stampFlag.modifiedNow) !== 0) node.modified = now
  return errno.success
}
