const slices = 8
const tables = tablesOf(0x82f63b78)

/**
 * The CRC-32C of a part of some bytes, or of what came before and that part. It is Castagnoli's
 * polynomial, with which LevelDB checks its files; zlib's crc32 has another one.
 */
export function crc32c(bytes: Uint8Array, from: number, to: number, before = 0): number {
  let crc = ~before
  let at = from
  // Eight bytes at once: each goes through the table that knows how many bytes follow it.
  for (const last = to - slices; at <= last; at += slices) {
    crc ^= word(bytes, at)
    const next = word(bytes, at + 4)
    crc =
      value(0x700 | (crc & 0xff)) ^
      value(0x600 | ((crc >>> 8) & 0xff)) ^
      value(0x500 | ((crc >>> 16) & 0xff)) ^
      value(0x400 | (crc >>> 24)) ^
      value(0x300 | (next & 0xff)) ^
      value(0x200 | ((next >>> 8) & 0xff)) ^
      value(0x100 | ((next >>> 16) & 0xff)) ^
      value(next >>> 24)
  }
  for (; at < to; at++) crc = (crc >>> 8) ^ value((crc ^ byte(bytes, at)) & 0xff)
  return ~crc >>> 0
}

/** A CRC as LevelDB stores it, so that one over bytes that hold one is no special number. */
export function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}

/** Four bytes as LevelDB writes a number: little-endian. */
function word(bytes: Uint8Array, at: number): number {
  return (
    byte(bytes, at) |
    (byte(bytes, at + 1) << 8) |
    (byte(bytes, at + 2) << 16) |
    (byte(bytes, at + 3) << 24)
  )
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] as number
}

function value(index: number): number {
  return tables[index] as number
}

function tablesOf(polynomial: number): Int32Array {
  const made = new Int32Array(256 * slices)
  for (let i = 0; i < made.length; i++) {
    // The first table takes a byte through eight bits; each further one adds a byte of zeros.
    let crc = i < 256 ? i : (made[i - 256] as number)
    if (i < 256) for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0)
    else crc = (crc >>> 8) ^ (made[crc & 0xff] as number)
    made[i] = crc
  }
  return made
}
