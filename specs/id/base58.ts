const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const digitOf = new Int8Array(128).fill(-1)
for (let i = 0; i < alphabet.length; i++) digitOf[alphabet.charCodeAt(i)] = i

/** All pairs of digits, 58^2 = 3364. */
const pairs: string[] = []
for (const high of alphabet) for (const low of alphabet) pairs.push(high + low)

/**
 * A PeerId spells 38 bytes: the identity multihash of a protobuf that holds the key. The first 6
 * never change. Bytes and digits are turned over in groups, 16 bits and 5 digits at a time, which
 * is several times faster than digit by digit; it happens for every key in every document.
 */
const groupOf = 656_356_768 // 58^5
const prefix = [0x0024, 0x0801, 0x1220]
const groupsOfDigits = 11
const groupsOfBits = prefix.length + 16

/** The text of a PeerId with this Ed25519 key: `12D3KooW` and 44 digits. */
export function toPeerText(key: Uint8Array): string {
  const groups = new Float64Array(groupsOfDigits)
  let used = 1
  for (let i = 0; i < groupsOfBits; i++) {
    const at = (i - prefix.length) * 2
    let carry =
      i < prefix.length
        ? (prefix[i] as number)
        : (key[at] as number) * 256 + (key[at + 1] as number)
    for (let j = 0; j < used; j++) {
      const sum = (groups[j] as number) * 65536 + carry
      carry = Math.floor(sum / groupOf)
      groups[j] = sum - carry * groupOf
    }
    if (carry > 0) groups[used++] = carry
  }
  // 51 digits follow the leading 1: a group of one, then ten groups of five.
  let text = `1${alphabet[groups[groupsOfDigits - 1] as number]}`
  for (let j = groupsOfDigits - 2; j >= 0; j--) text += fiveDigits(groups[j] as number)
  return text
}

/** The key in the text of a PeerId, or undefined where the text is none. */
export function fromPeerText(text: string): Uint8Array | undefined {
  if (text.length !== 52 || !text.startsWith('12D3KooW')) return undefined
  const words = new Float64Array(groupsOfBits)
  for (let at = 1, size = 1; at < 52; at += size, size = 5) {
    let carry = 0
    for (let i = at; i < at + size; i++) {
      const digit = digitOf[text.charCodeAt(i)] ?? -1
      if (digit < 0) return undefined
      carry = carry * 58 + digit
    }
    for (let j = groupsOfBits - 1; j >= 0; j--) {
      const sum = (words[j] as number) * groupOf + carry
      carry = Math.floor(sum / 65536)
      words[j] = sum - carry * 65536
    }
  }
  for (let i = 0; i < prefix.length; i++) if (words[i] !== prefix[i]) return undefined
  const key = new Uint8Array(32)
  for (let i = 0; i < 16; i++) {
    const word = words[prefix.length + i] as number
    key[i * 2] = word >>> 8
    key[i * 2 + 1] = word & 255
  }
  return key
}

function fiveDigits(group: number): string {
  const high = Math.floor(group / 3364)
  return (alphabet[Math.floor(high / 3364)] as string) + pairs[high % 3364] + pairs[group % 3364]
}
