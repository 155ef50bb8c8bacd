/** An item of CBOR in some bytes: where its head begins and ends, and where the item ends. */
export interface Item {
  readonly major: number
  readonly argument: number
  readonly start: number
  readonly body: number
  readonly end: number
  /** The items of a list; the keys and values of a map, one after the other. */
  readonly inner: readonly Item[]
}

/** Every item of a document, outer ones first; none where the bytes are not one whole document. */
export function itemsOf(bytes: Uint8Array): readonly Item[] {
  const items: Item[] = []
  const note = (item: Item): void => {
    items.push(item)
    for (const one of item.inner) note(one)
  }
  const whole = itemAt(bytes, 0)
  if (whole?.end === bytes.length) note(whole)
  return items
}

/** The head of an item: in its shortest form, or in a wider one. */
export function headOf(major: number, argument: number, widerBy = 0): Uint8Array {
  const shortest = argument < 24 ? 0 : argument < 0x100 ? 1 : argument < 0x10000 ? 2 : 3
  const width = Math.min(4, (argument >= 2 ** 32 ? 4 : shortest) + widerBy)
  if (width === 0) return Uint8Array.of((major << 5) | argument)
  const head = new Uint8Array(1 + 2 ** (width - 1))
  head[0] = (major << 5) | (23 + width)
  let rest = argument
  for (let i = head.length - 1; i > 0; i--) {
    head[i] = rest % 256
    rest = Math.floor(rest / 256)
  }
  return head
}

/** Some bytes with those from one offset to another replaced. */
export function spliced(
  bytes: Uint8Array,
  from: number,
  to: number,
  ...inserted: readonly Uint8Array[]
): Uint8Array {
  const length = inserted.reduce((sum, part) => sum + part.length, 0)
  const result = new Uint8Array(bytes.length - (to - from) + length)
  result.set(bytes.subarray(0, from))
  let at = from
  for (const part of inserted) {
    result.set(part, at)
    at += part.length
  }
  result.set(bytes.subarray(to), at)
  return result
}

function itemAt(bytes: Uint8Array, start: number): Item | undefined {
  const first = bytes[start]
  if (first === undefined) return undefined
  const major = first >> 5
  const low = first & 31
  const width = low < 24 ? 0 : 2 ** (low - 24)
  let argument = low < 24 ? low : 0
  for (let i = 1; i <= width; i++) argument = argument * 256 + (bytes[start + i] ?? 0)
  const body = start + 1 + width
  const inner: Item[] = []
  let end = body
  if (major === 2 || major === 3) end += argument
  const count = major === 4 ? argument : major === 5 ? argument * 2 : major === 6 ? 1 : 0
  for (let i = 0; i < count; i++) {
    const item = itemAt(bytes, end)
    if (item === undefined) return undefined
    inner.push(item)
    end = item.end
  }
  if (end > bytes.length) return undefined
  return { major, argument, start, body, end, inner }
}
