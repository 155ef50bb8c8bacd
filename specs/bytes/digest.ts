import { sha256 as portable } from '@noble/hashes/sha2.js'
import { toHex } from './text.ts'

const crypto = globalThis.process?.getBuiltinModule?.('node:crypto')

/** SHA-256; by node:crypto where there is one, which is several times as fast. */
export function sha256(bytes: Uint8Array): Uint8Array {
  const hash = new Uint8Array(32)
  sha256Into(bytes, hash, 0)
  return hash
}

/** Room for what is hashed in pieces; longer bytes get their own. */
const room = new Uint8Array(4096)

/** SHA-256 over bytes that follow each other. */
export function sha256Of(...pieces: readonly Uint8Array[]): Uint8Array {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const whole = length <= room.length ? room : new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return sha256(whole.subarray(0, length))
}

/** Puts the SHA-256 of bytes in its place. */
export const sha256Into: (bytes: Uint8Array, into: Uint8Array, at: number) => void =
  crypto === undefined
    ? (bytes, into, at) => into.set(portable(bytes), at)
    : (bytes, into, at) => {
        // As a text of 32 letters: a buffer of its own costs more than the hash.
        const letters = crypto.hash('sha256', bytes, 'binary')
        for (let i = 0; i < 32; i++) into[at + i] = letters.charCodeAt(i)
      }

/** SHA-256 in lower-case hexadecimal: what most hashes are wanted as. */
export const sha256Hex: (bytes: Uint8Array) => string =
  crypto === undefined
    ? (bytes) => toHex(portable(bytes))
    : (bytes) => crypto.hash('sha256', bytes, 'hex')
