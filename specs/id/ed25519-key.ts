/**
 * The y coordinates of the points of order 1, 2, 4 and 8. With such a key, one signature can be
 * made to verify for many messages, or all; no honest key is one of them.
 */
const smallOrder = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
].map((hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)))

/**
 * Whether 32 bytes may be an Ed25519 key of ours: y below the field's prime, as the encoding has
 * to be, and not of small order. Whether a point is there at all is found when it verifies.
 */
export function isKey(key: Uint8Array): boolean {
  return key.length === 32 && isKeyAt(key, 0)
}

/** Whether the 32 bytes from an offset on may be a key. */
export function isKeyAt(bytes: Uint8Array, at: number): boolean {
  if (isUnreduced(bytes, at)) return false
  for (const point of smallOrder) if (sameY(point, bytes, at)) return false
  return true
}

function sameY(point: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 31; i++) if (point[i] !== bytes[at + i]) return false
  return point[31] === ((bytes[at + 31] as number) & 0x7f)
}

/** The prime is 2^255 - 19: only encodings from `ed ff .. ff 7f` on are not below it. */
function isUnreduced(bytes: Uint8Array, at: number): boolean {
  if (((bytes[at + 31] as number) & 0x7f) !== 0x7f || (bytes[at] as number) < 0xed) return false
  for (let i = 1; i < 31; i++) if (bytes[at + i] !== 0xff) return false
  return true
}
