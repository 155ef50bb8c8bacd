import { type Answer, accept, limits, type Refusal, refusalOf, refuse } from '@nexapod/specs'
import type { Built, Sink } from './build.ts'
import { type ImportBounds, importFrom, type Opened } from './importing.ts'

/** What a file gives of itself: a `File` of a browser has more, and one on a disk no less. */
export interface Bytes {
  readonly size: number
  slice(from: number, to: number): { arrayBuffer(): Promise<ArrayBuffer> }
}

/** Makes the blocks of a file, wherever its bytes are; tells how many were looked at. */
export async function importBytes(
  file: Bytes,
  sink: Sink,
  bounds: ImportBounds,
  looked: (bytes: number) => void = () => {},
): Promise<Answer<Built>> {
  const whole = { file, from: 0, to: file.size }
  return await importFrom<Place>(whole, async (place) => opened(place, looked), sink, bounds)
}

/**
 * Makes the blocks of the directory that lies in a tar: the same as if it lay on a disk. No name
 * in it reaches a disk, and nothing but files and directories is taken.
 */
export async function importTar(
  file: Bytes,
  sink: Sink,
  bounds: ImportBounds,
): Promise<Answer<Built>> {
  const root: Directory = { entries: new Map() }
  const refusal = await readTar(file, root)
  if (refusal !== undefined) return { ok: false, refusal }
  return await importFrom<Place>(root, async (place) => opened(place, () => {}), sink, bounds)
}

type Place = Piece | Directory

/** Where in a file the bytes of another are. */
interface Piece {
  readonly file: Bytes
  readonly from: number
  readonly to: number
}

interface Directory {
  readonly entries: Map<string, Place>
}

function opened(place: Place, looked: (bytes: number) => void): Answer<Opened<Place>> {
  if ('entries' in place) return accept({ kind: 'directory', entries: [...place.entries] })
  const { file, from, to } = place
  return accept({
    kind: 'file',
    async *chunks() {
      for (let at = from; at === from || at < to; at += limits.chunkBytes) {
        const end = Math.min(at + limits.chunkBytes, to)
        yield new Uint8Array(await file.slice(at, end).arrayBuffer())
        looked(end - from)
      }
    },
  })
}

/** A tar is made of these: a head for each entry, then its bytes, filled up. */
const recordBytes = 512

async function readTar(file: Bytes, root: Directory): Promise<Refusal | undefined> {
  const count = { entries: 0 }
  for (let at = 0; at + recordBytes <= file.size; ) {
    const head = new Uint8Array(await file.slice(at, at + recordBytes).arrayBuffer())
    // An empty record ends it.
    if (head.every((byte) => byte === 0)) return undefined
    const said = headOf(head)
    if (said === undefined) return wrong(`no head of a tar at byte ${at}`)
    const from = at + recordBytes
    const to = from + said.size
    if (to > file.size) return refusalOf('bytes.truncated', { at: said.path })
    const refusal = placed(root, said, { file, from, to }, count)
    if (refusal !== undefined) return refusal
    if (++count.entries > limits.uploadEntriesMax) {
      return refusalOf('data.too-large', { detail: `at most ${limits.uploadEntriesMax} entries` })
    }
    at = from + Math.ceil(said.size / recordBytes) * recordBytes
  }
  return count.entries === 0 ? wrong('nothing in it') : undefined
}

interface Head {
  readonly path: string
  readonly size: number
  readonly type: string
}

/** What a head says, if its checksum is right: that of itself with blanks in its own place. */
function headOf(head: Uint8Array): Head | undefined {
  const text = (from: number, to: number) => {
    const [said = ''] = new TextDecoder().decode(head.subarray(from, to)).split('\0', 1)
    return said
  }
  const number = (from: number, to: number) => {
    const digits = text(from, to).trim()
    return /^[0-7]{1,12}$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN
  }
  const sum = head.reduce((all, byte, i) => all + (i >= 148 && i < 156 ? 32 : byte), 0)
  const size = number(124, 136)
  if (number(148, 156) !== sum || !Number.isSafeInteger(size)) return undefined
  const [name, prefix] = [text(0, 100), text(257, 262) === 'ustar' ? text(345, 500) : '']
  return { path: prefix === '' ? name : `${prefix}/${name}`, size, type: text(156, 157) || '0' }
}

/**
 * Puts an entry where it belongs; whether its names may be there is for the import to say. The
 * directories that only its path names count as well: each costs as much as one with a head.
 */
function placed(
  root: Directory,
  { path, type }: Head,
  piece: Piece,
  count: { entries: number },
): Refusal | undefined {
  const isDirectory = type === '5'
  if (!isDirectory && type !== '0') return refusalOf('data.kind', { at: path })
  const names = path.replace(/^(?:\.\/)+|\/+$/g, '').split('/')
  if (isDirectory && /^\.?$/.test(names.join('/'))) return undefined
  if (names.length > limits.pathDepthMax) {
    return refusalOf('data.too-large', { at: path, detail: 'the path is too long' })
  }
  let directory = root
  const above = isDirectory ? names : names.slice(0, -1)
  for (const name of above) {
    let next = directory.entries.get(name)
    if (next === undefined) {
      next = { entries: new Map() }
      directory.entries.set(name, next)
      count.entries++
    }
    if (!('entries' in next)) return refusalOf('job.path-collision', { at: path })
    directory = next
  }
  if (isDirectory) return undefined
  const name = names.at(-1) ?? ''
  if (directory.entries.has(name)) return refusalOf('job.path-collision', { at: path })
  directory.entries.set(name, piece)
  return undefined
}

function wrong(found: string): Refusal {
  const { refusal } = refuse('data.form', { detail: `expected a tar of ustar, found ${found}` })
  return refusal
}
