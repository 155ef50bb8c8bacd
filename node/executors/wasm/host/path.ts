import { limits } from '@nexapod/specs/wasm'
import { errno } from './codes.ts'
import { Directory, type Node } from './tree.ts'

/** Where a path leads from a directory. */
export interface Place {
  /** The directory that holds it, or would; none where it ends in dots. */
  readonly parent?: { readonly directory: Directory; readonly name: string }
  /** What is there. */
  readonly node: Node | undefined
  /** Whether it must be a directory, since a slash follows its name. */
  readonly slash: boolean
}

/** A name that a unit may give: those of a job, which every file system takes as they are. */
const plain = /^[A-Za-z0-9._+=@,-]*[A-Za-z0-9_+=@,-]$/

/** Whether a name may be given to something new, or why not. */
export function refusedName(name: string): number | undefined {
  if (name.length > limits.pathNameBytesMax) return errno.nametoolong
  return plain.test(name) ? undefined : errno.ilseq
}

/** The text of a path: printable ASCII, or the number of what is wrong with it. */
export function pathText(bytes: Uint8Array): string | number {
  let text = ''
  for (const byte of bytes) {
    if (byte < 0x20 || byte > 0x7e) return errno.ilseq
    text += String.fromCharCode(byte)
  }
  return text
}

/**
 * Follows a path from a directory, or gives the number of what is wrong with it. It never leaves
 * that directory: neither by `..` nor by a slash in front. There are no links to follow.
 */
export function follow(base: Directory, path: string): Place | number {
  if (path === '') return errno.noent
  if (path.startsWith('/')) return errno.perm
  const names = path.split('/').filter((name) => name !== '' && name !== '.')
  const last = path.slice(path.lastIndexOf('/') + 1)
  const dots = last === '.' || last === '..'
  const slash = last === '' || dots
  const above: Directory[] = []
  let place: Place = { node: base, slash }
  for (const [i, name] of names.entries()) {
    const { node } = place
    if (!(node instanceof Directory)) return node === undefined ? errno.noent : errno.notdir
    if (name === '..') {
      const up = above.pop()
      if (up === undefined) return errno.perm
      place = { node: up, slash }
      continue
    }
    above.push(node)
    const found = node.get(name)
    if (found === undefined && i < names.length - 1) return errno.noent
    place = { parent: { directory: node, name }, node: found, slash }
  }
  if (slash && place.node !== undefined && !(place.node instanceof Directory)) return errno.notdir
  if (!dots) return place
  return place.node === undefined ? errno.noent : { node: place.node, slash }
}
