const hexDigits = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))
const hexOf: string[] = []
for (let byte = 0; byte < 256; byte++) hexOf.push(byte.toString(16).padStart(2, '0'))
const digestCodes: number[] = new Array<number>(64).fill(0)

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  if (bytes.length === 32) return digestToHex(bytes, 0)
  let text = ''
  for (let i = 0; i < bytes.length; i++) text += hexOf[bytes[i] as number]
  return text
}

/** The bytes of lower-case hexadecimal, or undefined. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 === 1) return undefined
  const bytes = new Uint8Array(text.length / 2)
  return hexInto(text, bytes, 0) ? bytes : undefined
}

/** Puts the bytes of lower-case hexadecimal in their place; false if it is none. */
export function hexInto(text: string, into: Uint8Array, at: number): boolean {
  let wrong = text.length % 2 === 1 ? -1 : 0
  for (let i = 0; i < text.length; i += 2) {
    const high = hexDigitOf[text.charCodeAt(i)] ?? -1
    const low = hexDigitOf[text.charCodeAt(i + 1)] ?? -1
    wrong |= high | low
    into[at + i / 2] = (high << 4) | low
  }
  return wrong >= 0
}

/**
 * The hexadecimal of 32 bytes from an offset on. Most of all hexadecimal is digests: their 64
 * digits become a text at once, not by appending.
 */
export function digestToHex(bytes: Uint8Array, at: number): string {
  for (let i = 0; i < 32; i++) {
    const byte = bytes[at + i] as number
    digestCodes[2 * i] = hexDigits[byte >>> 4] as number
    digestCodes[2 * i + 1] = hexDigits[byte & 15] as number
  }
  return String.fromCharCode.apply(null, digestCodes)
}

/** Base 32 of RFC 4648, lower-case, without padding. */
export function toBase32(bytes: Uint8Array): string {
  return toBits(bytes, 'abcdefghijklmnopqrstuvwxyz234567', 5)
}

/** The bytes of canonical lower-case base 32, or undefined. */
export function fromBase32(text: string): Uint8Array | undefined {
  return fromBits(text, base32Digits, 5)
}

/** Puts the bytes of canonical lower-case base 32 in their place; false if it is none. */
export function base32Into(text: string, into: Uint8Array, at: number): boolean {
  return bitsInto(text, base32Digits, 5, into, at)
}

/** Base 64 of RFC 4648 with the URL alphabet, without padding. */
export function toBase64url(bytes: Uint8Array): string {
  return toBits(bytes, base64Alphabet, 6)
}

/** The bytes of canonical base64url, or undefined. */
export function fromBase64url(text: string): Uint8Array | undefined {
  return fromBits(text, base64Digits, 6)
}

const base64Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const hexDigitOf = digitsOf('0123456789abcdef')
const base32Digits = digitsOf('abcdefghijklmnopqrstuvwxyz234567')
const base64Digits = digitsOf(base64Alphabet)

function digitsOf(alphabet: string): Int8Array {
  const digits = new Int8Array(128).fill(-1)
  for (let i = 0; i < alphabet.length; i++) digits[alphabet.charCodeAt(i)] = i
  return digits
}

function toBits(bytes: Uint8Array, alphabet: string, width: number): string {
  let text = ''
  let bits = 0
  let held = 0
  for (let i = 0; i < bytes.length; i++) {
    held = (held << 8) | (bytes[i] as number)
    bits += 8
    while (bits >= width) {
      bits -= width
      text += alphabet[(held >>> bits) & ((1 << width) - 1)]
    }
    held &= (1 << bits) - 1
  }
  if (bits > 0) text += alphabet[(held << (width - bits)) & ((1 << width) - 1)]
  return text
}

function fromBits(text: string, digits: Int8Array, width: number): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * width) / 8))
  return bitsInto(text, digits, width, bytes, 0) ? bytes : undefined
}

function bitsInto(
  text: string,
  digits: Int8Array,
  width: number,
  bytes: Uint8Array,
  start: number,
): boolean {
  let at = start
  let bits = 0
  let held = 0
  for (let i = 0; i < text.length; i++) {
    const digit = digits[text.charCodeAt(i)] ?? -1
    if (digit < 0) return false
    held = (held << width) | digit
    bits += width
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = held >>> bits
      held &= (1 << bits) - 1
    }
  }
  // A digit that adds no byte, or left-over bits that are not 0, would be a second spelling.
  return bits < width && held === 0
}
