import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import type { ICryptoInterface } from '@libp2p/noise'
import { defaultCrypto } from '@libp2p/noise/crypto'
import { Uint8ArrayList } from 'uint8arraylist'
import { own } from './lent.ts'

const name = 'chacha20-poly1305'
const tagBytes = 16
const sized = { authTagLength: tagBytes }
/** Below this the library's own is faster: a cipher of the system has to be set up. */
const largeBytes = 1200
/** The longest message of noise. */
const messageBytesMax = 65_535

/** Where the pieces of a message are put together, one message after the other. */
const scratch = Buffer.allocUnsafeSlow(messageBytesMax)
/** The system's form of a key, which takes as long to make as a fifth of a message to encrypt. */
const keys = new WeakMap<Uint8Array, KeyObject>()

/** The crypto of noise, with one call of the system's cipher for each large message. */
export const cipher: ICryptoInterface = {
  ...defaultCrypto,
  chaCha20Poly1305Encrypt(plain, nonce, ad, key) {
    if (plain.byteLength < largeBytes || ad.byteLength > 0) {
      return defaultCrypto.chaCha20Poly1305Encrypt(plain, nonce, ad, key)
    }
    const cipher = createCipheriv(name, keyOf(key), nonce, sized)
    const text = own(cipher.update(joined(plain)))
    cipher.final()
    return new Uint8ArrayList(text, cipher.getAuthTag())
  },
  /** Never in place: where it was sealed is used again. */
  chaCha20Poly1305Decrypt(sealed, nonce, ad, key) {
    if (sealed.byteLength < largeBytes || ad.byteLength > 0) {
      return defaultCrypto.chaCha20Poly1305Decrypt(sealed, nonce, ad, key)
    }
    const whole = joined(sealed)
    const textBytes = whole.length - tagBytes
    const decipher = createDecipheriv(name, keyOf(key), nonce, sized)
    decipher.setAuthTag(whole.subarray(textBytes))
    const { buffer, byteOffset, length } = decipher.update(whole.subarray(0, textBytes))
    decipher.final()
    // No Buffer, whose `slice` copies nothing.
    return own(new Uint8Array(buffer, byteOffset, length))
  },
}

function keyOf(key: Uint8Array): KeyObject {
  const known = keys.get(key) ?? createSecretKey(key)
  keys.set(key, known)
  return known
}

/** In one piece: as it is, or copied to where the last one was. */
function joined(bytes: Uint8Array | Uint8ArrayList): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes
  let at = 0
  for (const piece of bytes) {
    if (piece.length === bytes.byteLength) return piece
    scratch.set(piece, at)
    at += piece.length
  }
  return scratch.subarray(0, at)
}
