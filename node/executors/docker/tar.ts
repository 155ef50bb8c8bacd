const block = 512
/** The bytes of an extended header: names and numbers, and nobody has more of them. */
const extendedBytesMax = 64 * 1024

/** What an entry of an archive is; what is neither of the first three is `other`. */
export interface Entry {
  readonly name: string
  readonly type: 'file' | 'directory' | 'link' | 'symlink' | 'other'
  readonly size: number
  /** Where a link leads. */
  readonly target: string
  /** Where its bytes begin in the archive. */
  readonly offset: number
}

/** An archive that is none, or that lies about itself. */
export class NoArchive extends Error {}

/** A thing to be packed. */
export interface Packed {
  readonly path: string
  /** Undefined for a directory; else its bytes, or how many of which there come. */
  readonly content?:
    | Uint8Array
    | { readonly size: number; readonly from: AsyncIterable<Uint8Array> }
  readonly mode: number
  readonly owner: number
  readonly seconds: number
}

/** Packs things as an archive, in their order. */
export async function* pack(things: Iterable<Packed>): AsyncGenerator<Uint8Array> {
  for (const { path, content, ...rest } of things) {
    const isWhole = content instanceof Uint8Array
    const size = content === undefined ? 0 : isWhole ? content.length : content.size
    const name = content === undefined ? `${path}/` : path
    yield* headersOf(name, size, content === undefined ? '5' : '0', rest)
    if (content === undefined) continue
    if (isWhole) yield content
    else yield* content.from
    const over = size % block
    if (over > 0) yield new Uint8Array(block - over)
  }
  yield new Uint8Array(2 * block)
}

type Rest = Omit<Packed, 'path' | 'content'>

function* headersOf(name: string, size: number, type: string, rest: Rest): Generator<Uint8Array> {
  if (Buffer.byteLength(name) > 100) {
    const record = recordOf('path', name)
    yield headerOf('extended', record.length, 'x', rest)
    yield record
    const over = record.length % block
    if (over > 0) yield new Uint8Array(block - over)
  }
  yield headerOf(Buffer.from(name).subarray(0, 100).toString(), size, type, rest)
}

/** `LENGTH KEY=VALUE`, where the length counts itself. */
function recordOf(key: string, value: string): Uint8Array {
  const rest = ` ${key}=${value}\n`
  const bytes = Buffer.byteLength(rest)
  let length = bytes + String(bytes).length
  length = bytes + String(length).length
  return Buffer.from(`${length}${rest}`)
}

function headerOf(name: string, size: number, type: string, rest: Rest): Uint8Array {
  const header = Buffer.alloc(block)
  header.write(name, 0, 100)
  header.write(octal(rest.mode, 8), 100)
  header.write(octal(rest.owner, 8), 108)
  header.write(octal(rest.owner, 8), 116)
  header.write(octal(size, 12), 124)
  header.write(octal(rest.seconds, 12), 136)
  header.write(type, 156)
  header.write('ustar\u000000', 257)
  header.write(octal(sumOf(header), 8), 148)
  return header
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`
}

/** The sum of a header, whose own place counts as spaces. */
function sumOf(header: Uint8Array): number {
  let sum = 0
  for (const [i, byte] of header.entries()) sum += i >= 148 && i < 156 ? 32 : byte
  return sum
}

/**
 * Reads an archive, one entry after the other; what is not taken of one is passed over. Nothing
 * but one extended header is held, whatever the archive says.
 */
export async function* unpack(
  archive: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly entry: Entry; readonly bytes: AsyncGenerator<Uint8Array> }> {
  const source = new Source(archive)
  try {
    yield* entriesOf(source)
  } finally {
    // Who wants no more of it must not leave an engine waiting with the rest.
    await source.close()
  }
}

async function* entriesOf(source: Source): ReturnType<typeof unpack> {
  let extended: ReadonlyMap<string, string> = new Map()
  for (;;) {
    const header = await source.exactly(block)
    if (header === undefined || header.every((byte) => byte === 0)) return
    const read = entryOf(header, extended, source.offset)
    if (read.type === 'x' || read.type === 'L') {
      extended = new Map([...extended, ...(await extendedIn(source, read))])
      continue
    }
    extended = new Map()
    const body = bodyOf(source, read.entry.size)
    yield { entry: read.entry, bytes: body }
    for await (const _ of body);
    await source.skip(padding(read.entry.size))
  }
}

async function extendedIn(
  source: Source,
  { type, entry }: { readonly type: string; readonly entry: Entry },
): Promise<ReadonlyMap<string, string>> {
  if (entry.size > extendedBytesMax) throw new NoArchive('an extended header is too long')
  const bytes = await source.exactly(entry.size + padding(entry.size))
  if (bytes === undefined) throw new NoArchive('an extended header is cut off')
  const content = bytes.subarray(0, entry.size)
  if (type === 'L') return new Map([['path', content.toString().replace(/\0.*$/s, '')]])
  return recordsIn(content)
}

function recordsIn(content: Buffer): ReadonlyMap<string, string> {
  const records = new Map<string, string>()
  let at = 0
  while (at < content.length) {
    const space = content.indexOf(0x20, at)
    const length = Number(content.subarray(at, space).toString())
    if (space === -1 || !Number.isInteger(length) || length <= space - at) {
      throw new NoArchive('an extended header is no list of records')
    }
    const record = content.subarray(space + 1, at + length - 1).toString()
    const equals = record.indexOf('=')
    records.set(record.slice(0, equals), record.slice(equals + 1))
    at += length
  }
  return records
}

const types = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'link',
  '2': 'symlink',
  '5': 'directory',
} as const satisfies Readonly<Record<string, Entry['type']>>

function entryOf(header: Buffer, extended: ReadonlyMap<string, string>, offset: number) {
  if (numberIn(header, 148, 8) !== sumOf(header)) throw new NoArchive('a header has another sum')
  const type = header.subarray(156, 157).toString('latin1')
  const prefix = header.subarray(257, 262).toString() === 'ustar' ? textIn(header, 345, 155) : ''
  const short = textIn(header, 0, 100)
  const name = extended.get('path') ?? (prefix === '' ? short : `${prefix}/${short}`)
  const target = extended.get('linkpath') ?? textIn(header, 157, 100)
  const said = extended.get('size')
  const size = said === undefined ? numberIn(header, 124, 12) : Number(said)
  if (!Number.isSafeInteger(size) || size < 0) throw new NoArchive('a size is no number')
  const kind = types[type as keyof typeof types] ?? 'other'
  // What has no content may still name a size.
  const isEmpty = kind === 'directory' || kind === 'link' || kind === 'symlink'
  return { type, entry: { name, type: kind, size: isEmpty ? 0 : size, target, offset } }
}

function textIn(header: Buffer, at: number, length: number): string {
  return header
    .subarray(at, at + length)
    .toString()
    .replace(/\0.*$/s, '')
}

/** A number in octal digits, or in binary where the first bit says so. */
function numberIn(header: Buffer, at: number, length: number): number {
  const first = header[at] ?? 0
  if (first < 0x80) return Number.parseInt(textIn(header, at, length).trim() || '0', 8)
  let value = first & 0x7f
  for (const byte of header.subarray(at + 1, at + length)) value = value * 256 + byte
  return value
}

function padding(size: number): number {
  return (block - (size % block)) % block
}

async function* bodyOf(source: Source, size: number): AsyncGenerator<Uint8Array> {
  let left = size
  while (left > 0) {
    const some = await source.some(left)
    if (some === undefined) throw new NoArchive('the archive is cut off')
    left -= some.length
    yield some
  }
}

/** Bytes in the pieces that are asked for. */
class Source {
  readonly #from: AsyncIterator<Uint8Array>
  #held: Buffer = Buffer.alloc(0)
  offset = 0

  constructor(from: AsyncIterable<Uint8Array>) {
    this.#from = from[Symbol.asyncIterator]()
  }

  /** So many bytes; undefined where none come any more. */
  async exactly(length: number): Promise<Buffer | undefined> {
    const pieces: Uint8Array[] = []
    let have = 0
    while (have < length) {
      const some = await this.some(length - have)
      if (some === undefined) break
      pieces.push(some)
      have += some.length
    }
    if (have === 0 && length > 0) return undefined
    if (have < length) throw new NoArchive('the archive is cut off')
    return Buffer.concat(pieces)
  }

  /** The next bytes, at most so many. */
  async some(most: number): Promise<Uint8Array | undefined> {
    while (this.#held.length === 0) {
      const next = await this.#from.next()
      if (next.done === true) return undefined
      this.#held = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length)
    }
    const some = this.#held.subarray(0, most)
    this.#held = this.#held.subarray(some.length)
    this.offset += some.length
    return some
  }

  async skip(length: number): Promise<void> {
    if (length > 0) await this.exactly(length)
  }

  async close(): Promise<void> {
    await this.#from.return?.()
  }
}
