const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const codeOf = Uint8Array.from(alphabet, (digit) => digit.charCodeAt(0))
const digitOf = new Int8Array(128).fill(-1)
for (let i = 0; i < alphabet.length; i++) digitOf[alphabet.charCodeAt(i)] = i

/**
 * A PeerId spells 38 bytes: the identity multihash of a protobuf that holds the key. The first 6
 * never change. It happens for every key in every document, so it is done without long division:
 * bytes stand in words of 16 bits, digits in groups of 5, and a number in the one base is the sum
 * of its words times the powers of that base, which are known in the other. Every sum stays below
 * 2^53, where doubles are exact.
 */
const prefix = 0x0024_0801_1220n
const word = 65536
const words = 19
const group = 656_356_768 // 58^5
const groups = 11

const groupsOfWord = tableOf(BigInt(word), words, BigInt(group), groups)
const wordsOfGroup = tableOf(BigInt(group), groups, BigInt(word), words)
const prefixWords = partsOf(prefix, BigInt(word), 3)
const groupsOfPrefix = partsOf(prefix << 256n, BigInt(group), groups)
const codes: number[] = new Array<number>(52).fill(0)
const inGroups = new Float64Array(groups)
const inWords = new Float64Array(words)

/** The text of a PeerId with this Ed25519 key: `12D3KooW` and 44 digits. */
export function toPeerText(key: Uint8Array): string {
  return peerTextAt(key, 0)
}

/** The text of a PeerId with the key that begins at an offset. */
export function peerTextAt(bytes: Uint8Array, at: number): string {
  inGroups.set(groupsOfPrefix)
  for (let i = 0; i < 16; i++) {
    const value = (bytes[at + 30 - i * 2] as number) * 256 + (bytes[at + 31 - i * 2] as number)
    addTimes(inGroups, value, groupsOfWord[i] as Float64Array)
  }
  // A 0 byte leads, which is the digit 1 alone; then 51 digits, the highest group of one only.
  codes[0] = 49
  let carry = 0
  for (let j = 0, digit = 51; j < groups; j++) {
    const sum = (inGroups[j] as number) + carry
    carry = Math.floor(sum / group)
    let rest = (sum - carry * group) | 0
    for (let i = j < groups - 1 ? 5 : 1; i > 0; i--) {
      const higher = (rest / 58) | 0
      codes[digit--] = codeOf[rest - higher * 58] as number
      rest = higher
    }
  }
  return String.fromCharCode.apply(null, codes)
}

/** The key in the text of a PeerId, or undefined where the text is none. */
export function fromPeerText(text: string): Uint8Array | undefined {
  const key = new Uint8Array(32)
  return peerTextInto(text, key, 0) ? key : undefined
}

/** Puts the key in the text of a PeerId in its place; false where the text is none. */
export function peerTextInto(text: string, into: Uint8Array, at: number): boolean {
  if (text.length !== 52 || !text.startsWith('12D3KooW')) return false
  inWords.fill(0)
  for (let j = groups - 1, next = 1; j >= 0; j--) {
    let value = 0
    for (const end = j < groups - 1 ? next + 5 : next + 1; next < end; next++) {
      const digit = digitOf[text.charCodeAt(next)] ?? -1
      if (digit < 0) return false
      value = value * 58 + digit
    }
    addTimes(inWords, value, wordsOfGroup[j] as Float64Array)
  }
  let carry = 0
  for (let i = 0; i < words; i++) {
    const sum = (inWords[i] as number) + carry
    carry = Math.floor(sum / word)
    const value = (sum - carry * word) | 0
    if (i < 16) {
      into[at + 31 - i * 2] = value
      into[at + 30 - i * 2] = value >>> 8
    } else if (value !== prefixWords[i - 16]) return false
  }
  return true
}

function addTimes(sums: Float64Array, value: number, parts: Float64Array): void {
  for (let i = 0; i < parts.length; i++)
    sums[i] = (sums[i] as number) + value * (parts[i] as number)
}

/** The powers of one base in the parts of another, the lowest first, without leading zeros. */
function tableOf(base: bigint, powers: number, other: bigint, parts: number): Float64Array[] {
  let power = 1n
  return Array.from({ length: powers }, () => {
    const row = partsOf(power, other, parts)
    power *= base
    return row.slice(0, row.findLastIndex((part) => part !== 0) + 1)
  })
}

function partsOf(value: bigint, base: bigint, parts: number): Float64Array {
  let rest = value
  return Float64Array.from({ length: parts }, () => {
    const part = Number(rest % base)
    rest /= base
    return part
  })
}
