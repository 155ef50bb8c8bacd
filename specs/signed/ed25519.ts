import { getPublicKey, hashes, Point, sign as signPortably } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import { isKey } from '../id/ed25519-key.ts'
import { keyOf, type PeerId, peerOf } from '../id/id.ts'

hashes.sha512 = sha512

/** Ed25519 with one rule of verification, by whatever computes it. */
export interface Ed25519 {
  /** The signer with this 32-byte secret seed. */
  signer(seed: Uint8Array): Signer
  verify(signer: PeerId, message: Uint8Array, signature: Uint8Array): boolean
}

/** A key that can sign. The secret stays inside. */
export interface Signer {
  readonly id: PeerId
  sign(message: Uint8Array): Uint8Array
}

const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n

/**
 * Ed25519 by @noble/ed25519: for browsers, and the measure of the other one.
 *
 * Its own `verify` is not used: by default it follows ZIP215, and with `zip215: false` it still
 * multiplies by the cofactor, so that it accepts signatures which OpenSSL refuses (R plus a point
 * of small order). Two rules would let one half of a mesh refuse what the other half credited. So
 * this is RFC 8032's stricter equation, as OpenSSL has it: S below the order, neither key nor R of
 * small order, and S·B - k·A encoded must be R byte for byte.
 */
export const portable: Ed25519 = {
  signer(seed) {
    const secret = Uint8Array.from(seed)
    const id = peerOf(getPublicKey(secret))
    if (!id.ok) throw new Error('a seed gave an unsafe key')
    return { id: id.value, sign: (message) => signPortably(message, secret) }
  },
  verify(signer, message, signature) {
    const key = soundKey(signer, signature)
    if (key === undefined) return false
    const s = littleEndian(signature.subarray(32))
    const minusA = pointOf(key)?.negate()
    if (s >= groupOrder || minusA === undefined) return false
    const hashed = new Uint8Array(64 + message.length)
    hashed.set(signature.subarray(0, 32))
    hashed.set(key, 32)
    hashed.set(message, 64)
    const k = littleEndian(sha512(hashed)) % groupOrder
    const r = Point.BASE.multiply(s, false).add(minusA.multiply(k, false)).toBytes()
    return r.every((byte, i) => byte === signature[i])
  },
}

/** Ed25519 by node:crypto, ten times as fast, where there is one. */
export const native: Ed25519 | undefined = nativeEd25519()

/** Ed25519 as this machine computes it best. */
export const ed25519: Ed25519 = native ?? portable

function nativeEd25519(): Ed25519 | undefined {
  const crypto = globalThis.process?.getBuiltinModule?.('node:crypto')
  if (crypto === undefined) return undefined
  type Key = ReturnType<typeof crypto.createPublicKey>
  const keys = new Map<PeerId, Key>()

  function publicKey(signer: PeerId): Key | undefined {
    const known = keys.get(signer)
    if (known !== undefined) return known
    const raw = keyOf(signer)
    if (raw === undefined) return undefined
    const key = createKey(raw)
    if (keys.size >= keysHeld) for (const oldest of keys.keys()) if (keys.delete(oldest)) break
    keys.set(signer, key)
    return key
  }

  function createKey(raw: Uint8Array): Key {
    const key = Buffer.from(concat(publicKeyPrefix, raw))
    return (crypto as NonNullable<typeof crypto>).createPublicKey({
      key,
      format: 'der',
      type: 'spki',
    })
  }

  return {
    signer(seed) {
      const key = Buffer.from(concat(secretKeyPrefix, seed))
      const secret = crypto.createPrivateKey({ key, format: 'der', type: 'pkcs8' })
      const spki = crypto.createPublicKey(secret).export({ format: 'der', type: 'spki' })
      const id = peerOf(new Uint8Array(spki.subarray(publicKeyPrefix.length)))
      if (!id.ok) throw new Error('a seed gave an unsafe key')
      return { id: id.value, sign: (message) => new Uint8Array(crypto.sign(null, message, secret)) }
    },
    verify(signer, message, signature) {
      const key = publicKey(signer)
      if (key === undefined || !isSound(signature)) return false
      return crypto.verify(null, message, key, signature)
    },
  }
}

/**
 * The key to verify a signature with, if both are what the rule asks for beside its equation. The
 * equation alone is the same in OpenSSL and BoringSSL, so in the WebCrypto of a browser too.
 */
export function soundKey(signer: PeerId, signature: Uint8Array): Uint8Array | undefined {
  return isSound(signature) ? keyOf(signer) : undefined
}

/** Parsed keys that are held for the next signature; one takes about a kilobyte. */
const keysHeld = 4096

/** RFC 8410: what stands in front of 32 bytes of key, and of seed, in DER. */
const publicKeyPrefix = Uint8Array.of(0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0)
const secretKeyPrefix = Uint8Array.of(
  ...[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20],
)

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (b.length !== 32) throw new RangeError(`a key or seed has 32 bytes, got ${b.length}`)
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

/**
 * Whether R may be the R of a signature: what is asked of a key. node:crypto of today refuses an R
 * of small order and that of other versions does not; asked here, the answer is the same for all.
 */
function isSound(signature: Uint8Array): boolean {
  return signature.length === 64 && isKey(signature.subarray(0, 32))
}

function pointOf(key: Uint8Array): Point | undefined {
  try {
    return Point.fromBytes(key)
  } catch (cause) {
    // The library's way to say that no point of the curve has this y.
    if (cause instanceof Error && /^bad point|^bad number/.test(cause.message)) return undefined
    throw cause
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number)
  return value
}
