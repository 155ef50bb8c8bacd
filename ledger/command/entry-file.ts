import { type FileHandle, open } from 'node:fs/promises'
import { type Answer, accept, limits, refuse } from '@nexapod/specs'
import type { Store } from '../store/index.ts'

/**
 * A file of the entries of a chain, from the first on: a line that names the format, then each
 * entry behind its length in four bytes, big-endian, and in the end a length of 0. So a file that
 * was cut is told from one that is whole. Whether entries follow is for who takes them to check.
 */
const magic = new TextEncoder().encode('nexapod entries 1\n')
const lengthBytes = 4
const chunkBytes = 2 ** 20

/** Writes all entries of a store; a refusal says why not all could be read. */
export async function writeEntries(
  file: FileHandle,
  store: Store,
  signal: AbortSignal,
  onProgress: (done: number) => void,
): Promise<Answer<undefined>> {
  await file.writeFile(magic)
  let done = 0
  for await (const page of store.pages(0, store.tip.size, signal)) {
    if (!page.ok) return page
    await file.writeFile(Buffer.concat(page.value.flatMap(framed)))
    done += page.value.length
    onProgress(done)
  }
  await file.writeFile(new Uint8Array(lengthBytes))
  return accept(undefined)
}

/** Whether a file begins as one of entries does. */
export async function isEntryFile(path: string): Promise<boolean> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(new Uint8Array(magic.length), 0, magic.length, 0)
  return bytesRead === magic.length && Buffer.compare(buffer, magic) === 0
}

/** The entries of a file from one on, some at a time; a refusal is the last answer. */
export async function* entriesOf(
  path: string,
  from: number,
): AsyncGenerator<Answer<readonly Uint8Array[]>> {
  await using file = await open(path)
  let rest: Uint8Array = new Uint8Array(0)
  let seq = 0
  for (let at = magic.length; ; ) {
    const { buffer, bytesRead } = await file.read(new Uint8Array(chunkBytes), 0, chunkBytes, at)
    at += bytesRead
    const cut = framesIn(Buffer.concat([rest, buffer.subarray(0, bytesRead)]))
    const first = Math.max(0, from - seq)
    if (first < cut.entries.length) yield accept(cut.entries.slice(first))
    seq += cut.entries.length
    rest = cut.rest
    const place = { at: `entry ${seq}`, detail: `before byte ${at} of the file` }
    if (cut.ends === 'never') yield refuse('bytes.too-large', place)
    else if (cut.ends === 'here' && rest.length > 0) yield refuse('bytes.trailing', place)
    else if (cut.ends === 'later' && bytesRead === 0) yield refuse('bytes.truncated', place)
    if (cut.ends !== 'later' || bytesRead === 0) return
  }
}

/** What some bytes of a file hold: whole entries, what is left, and whether the end was there. */
interface Cut {
  readonly entries: readonly Uint8Array[]
  readonly rest: Uint8Array
  readonly ends: 'here' | 'later' | 'never'
}

function framesIn(bytes: Buffer): Cut {
  const entries: Uint8Array[] = []
  let at = 0
  while (at + lengthBytes <= bytes.length) {
    const length = bytes.readUInt32BE(at)
    const start = at + lengthBytes
    // Nothing is read, and no memory taken, for what cannot be an entry.
    if (length > limits.entryBytesMax) return { entries, rest: bytes.subarray(at), ends: 'never' }
    if (length === 0) return { entries, rest: bytes.subarray(start), ends: 'here' }
    if (start + length > bytes.length) break
    entries.push(bytes.subarray(start, start + length))
    at = start + length
  }
  return { entries, rest: bytes.subarray(at), ends: 'later' }
}

function framed(entry: Uint8Array): Uint8Array[] {
  const length = Buffer.alloc(lengthBytes)
  length.writeUInt32BE(entry.length)
  return [length, entry]
}
