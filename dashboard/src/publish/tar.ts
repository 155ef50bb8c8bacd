import { type Answer, accept, refuse } from '@nexapod/specs'

/** A file of a folder, by its path in it. */
export interface Filed {
  readonly path: string
  readonly file: Blob
}

const recordBytes = 512

/** A folder as a tar, as it is uploaded: its files are not read for that. */
export function tarOf(files: readonly Filed[]): Answer<Blob> {
  const parts: BlobPart[] = []
  for (const { path, file } of files) {
    const head = headOf(path, file.size)
    if (head === undefined) return refuse('data.too-large', { at: path, detail: 'a long name' })
    const rest = (recordBytes - (file.size % recordBytes)) % recordBytes
    parts.push(head, file, new Uint8Array(rest))
  }
  parts.push(new Uint8Array(2 * recordBytes))
  return accept(new Blob(parts))
}

/** The head of a file, as ustar has it; undefined for what has no room in it. */
function headOf(path: string, size: number): Uint8Array<ArrayBuffer> | undefined {
  const all = new TextEncoder().encode(path)
  // Of a long path, what stands before one of its slashes has a place of its own.
  const from = all.findIndex((byte, i) => byte === 0x2f && all.length - i - 1 <= 100)
  const isLong = all.length > 100
  if (isLong && (from < 1 || from > 155)) return undefined
  const head = new Uint8Array(recordBytes)
  const put = (text: string, at: number) => head.set(new TextEncoder().encode(text), at)
  head.set(isLong ? all.subarray(from + 1) : all)
  if (isLong) head.set(all.subarray(0, from), 345)
  put('0000644\x000000000\x000000000\0', 100)
  put(`${size.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0`, 124)
  put('        0', 148)
  put('ustar\u000000', 257)
  const sum = head.reduce((whole, byte) => whole + byte, 0)
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return head
}
