import { crc32c, masked } from './crc32c.ts'
import { Cursor } from './level-cursor.ts'
import type { BadBytes, LevelFile } from './level-file.ts'

/** Where a block is in its file, without what stands behind it. */
interface Block {
  readonly from: number
  readonly size: number
}

const footerBytes = 48
const magic = Buffer.from('57fb808b247547db', 'hex')

/** Behind each block: one byte that says how it is packed, and four of its check. */
const trailerBytes = 5

/**
 * What is wrong with a table that has so many bytes by the MANIFEST, by offset. Where its footer or
 * index is bad, nobody knows where its data is, and that is not looked at.
 */
export async function* badInTable(file: LevelFile, size: number): AsyncGenerator<BadBytes> {
  if (file.size < size) {
    yield file.bad(file.size, size, 'the table ends before it should')
    return
  }
  yield* badWithin(file, size)
  if (file.size > size) yield file.bad(size, file.size, 'there is more behind the end of a table')
}

async function* badWithin(file: LevelFile, size: number): AsyncGenerator<BadBytes> {
  const end = size - footerBytes
  const footer = end < 0 ? undefined : await file.read(end, size)
  const frame = footer instanceof Uint8Array ? frameIn(footer, end) : footer
  if (frame === undefined || 'found' in frame) {
    yield frame ?? file.bad(Math.max(0, end), size, 'this is not the footer of a table')
    return
  }
  // The index says where the data is, and the other what else there is: they are read first, but
  // what is wrong with them is told in its turn.
  const index = await listed(file, frame.index, frame.others.from)
  const others = await listed(file, frame.others, frame.others.from)
  for (const list of [index, others]) {
    for (const block of Array.isArray(list) ? list : []) {
      const content = await contentOf(file, block)
      if (!(content instanceof Uint8Array)) yield content
    }
  }
  for (const list of [others, index]) if (!Array.isArray(list)) yield list
}

/** What a footer says. No checksum covers it, but there is only one footer for a table. */
function frameIn(footer: Uint8Array, end: number): { others: Block; index: Block } | undefined {
  const cursor = new Cursor(footer.subarray(0, footerBytes - magic.length))
  const others = blockIn(cursor)
  const index = blockIn(cursor)
  const padding = cursor.rest()
  if (cursor.failed || padding.some((byte) => byte !== 0)) return undefined
  if (behind(others) !== index.from || behind(index) !== end) return undefined
  return magic.equals(footer.subarray(-magic.length)) ? { others, index } : undefined
}

/** The blocks that a block lists, which lie before an offset. */
async function listed(file: LevelFile, block: Block, before: number): Promise<Block[] | BadBytes> {
  const content = await contentOf(file, block)
  if (!(content instanceof Uint8Array)) return content
  const bad = file.bad(block.from, behind(block), 'a block does not list others')
  if (content.length < 4) return bad
  const view = new DataView(content.buffer, content.byteOffset, content.length)
  const restarts = 4 * (1 + view.getUint32(content.length - 4, true))
  if (restarts > content.length) return bad
  const rows = new Cursor(content.subarray(0, content.length - restarts))
  const blocks: Block[] = []
  while (!rows.ended) {
    // What a key has in common with the one before it is left out, and keys do not matter here.
    rows.varint()
    const [keyBytes, valueBytes] = [rows.varint(), rows.varint()]
    rows.take(keyBytes)
    const value = new Cursor(rows.take(valueBytes))
    const one = blockIn(value)
    if (value.failed || behind(one) > before) return bad
    blocks.push(one)
  }
  return rows.failed ? bad : blocks
}

/** The bytes of a block, until the next are asked for, or what is wrong with it. */
async function contentOf(file: LevelFile, block: Block): Promise<Uint8Array | BadBytes> {
  const [from, to] = [block.from, behind(block)]
  const bytes = await file.read(from, to)
  if (!(bytes instanceof Uint8Array)) return bytes
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const typed = block.size + 1
  if (masked(crc32c(bytes, 0, typed)) !== view.getUint32(typed, true)) {
    return file.bad(from, to, 'the checksum of a block does not match')
  }
  if (bytes[block.size] !== 0) return file.bad(from, to, 'a block is packed, and none should be')
  return bytes.subarray(0, block.size)
}

function blockIn(cursor: Cursor): Block {
  return { from: cursor.varint(), size: cursor.varint() }
}

/** The offset behind a block and what stands behind it. */
function behind(block: Block): number {
  return block.from + block.size + trailerBytes
}
