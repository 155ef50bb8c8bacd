/** One field of a message: its number, and a number or bytes. */
export type Field =
  | { readonly field: number; readonly value: number }
  | { readonly field: number; readonly bytes: Uint8Array }

/**
 * Writes a message: fields in the order given. Ours, because the library leaves out bytes of sizes
 * between 2 and 4 GiB: what then stands there is whatever was in that memory, and so is the CID.
 */
export function encodeMessage(fields: readonly Field[]): Uint8Array {
  const size = fields.reduce((sum, one) => sum + fieldBytes(one), 0)
  const into = new Uint8Array(size)
  let at = 0
  for (const one of fields) {
    if ('bytes' in one) {
      at = writeVarint(into, at, one.field * 8 + 2)
      at = writeVarint(into, at, one.bytes.length)
      into.set(one.bytes, at)
      at += one.bytes.length
    } else {
      at = writeVarint(into, at, one.field * 8)
      at = writeVarint(into, at, one.value)
    }
  }
  return into
}

/**
 * Reads the fields of a message in their order; undefined for what is none. Numbers beyond 2^53 - 1
 * are none either, nor are fixed-width fields: what we read has none.
 */
export function decodeMessage(bytes: Uint8Array): Field[] | undefined {
  const fields: Field[] = []
  const reader = { bytes, at: 0 }
  while (reader.at < bytes.length) {
    const key = readVarint(reader)
    const value = readVarint(reader)
    if (key === undefined || value === undefined) return undefined
    const field = Math.floor(key / 8)
    if (key % 8 === 0) fields.push({ field, value })
    else if (key % 8 === 2) {
      const end = reader.at + value
      if (end > bytes.length) return undefined
      fields.push({ field, bytes: bytes.subarray(reader.at, end) })
      reader.at = end
    } else return undefined
  }
  return fields
}

function fieldBytes(one: Field): number {
  const key = varintBytes(one.field * 8)
  if ('value' in one) return key + varintBytes(one.value)
  return key + varintBytes(one.bytes.length) + one.bytes.length
}

/** How many bytes a number takes: seven bits in each. */
export function varintBytes(value: number): number {
  let count = 1
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) count += 1
  return count
}

/** Writes a number, the lowest seven bits first, and tells where it ends. */
export function writeVarint(into: Uint8Array, at: number, value: number): number {
  let rest = value
  let end = at
  for (; rest >= 128; rest = Math.floor(rest / 128)) into[end++] = (rest % 128) + 128
  into[end++] = rest
  return end
}

function readVarint(reader: { readonly bytes: Uint8Array; at: number }): number | undefined {
  let value = 0
  for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
    const byte = reader.bytes[reader.at++]
    if (byte === undefined) return undefined
    value += (byte % 128) * scale
    if (byte < 128) return Number.isSafeInteger(value) ? value : undefined
  }
  return undefined
}
