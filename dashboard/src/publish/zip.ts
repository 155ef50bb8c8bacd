/** A file to be packed. */
export interface Packed {
  readonly name: string
  readonly file: Blob
}

/** How much of a file is looked at at once. */
const pieceBytes = 1024 * 1024

/** 1 January 1980, the first day that there is: the same files are the same archive. */
const firstDay = 0x21

/** Files in one archive, as they are: what scientists leave is seldom worth compressing here. */
export async function zipOf(files: readonly Packed[]): Promise<Blob> {
  const parts: BlobPart[] = []
  const directory: Uint8Array<ArrayBuffer>[] = []
  let at = 0
  for (const { name, file } of files) {
    const called = new TextEncoder().encode(name)
    const [crc, size] = [await crc32(file), file.size]
    // The version that reads it, no flags, stored, the first day; then checksum and both sizes.
    const fields = [
      [2, 20],
      [2, 0],
      [2, 0],
      [2, 0],
      [2, firstDay],
      [4, crc],
      [4, size],
      [4, size],
    ]
    const names = [
      [2, called.length],
      [2, 0],
    ]
    parts.push(record(0x04034b50, [...fields, ...names], called), file)
    const more = [
      [2, 0],
      [2, 0],
      [2, 0],
      [4, 0],
      [4, at],
    ]
    directory.push(record(0x02014b50, [[2, 20], ...fields, ...names, ...more], called))
    at += 30 + called.length + size
  }
  const length = directory.reduce((sum, one) => sum + one.length, 0)
  const counts = [
    [2, 0],
    [2, 0],
    [2, files.length],
    [2, files.length],
  ]
  const end = record(0x06054b50, [...counts, [4, length], [4, at], [2, 0]])
  return new Blob([...parts, ...directory, end], { type: 'application/zip' })
}

function record(
  mark: number,
  fields: readonly (readonly number[])[],
  name = new Uint8Array(),
): Uint8Array<ArrayBuffer> {
  const size = fields.reduce((sum, [bytes = 0]) => sum + bytes, 4)
  const bytes = new Uint8Array(size + name.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, mark, true)
  let at = 4
  for (const [width = 0, value = 0] of fields) {
    if (width === 2) view.setUint16(at, value, true)
    else view.setUint32(at, value, true)
    at += width
  }
  bytes.set(name, size)
  return bytes
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1
  return rest
})

async function crc32(file: Blob): Promise<number> {
  let crc = 0xffffffff
  for (let at = 0; at < file.size; at += pieceBytes) {
    const piece = new Uint8Array(await file.slice(at, at + pieceBytes).arrayBuffer())
    for (const byte of piece) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}
