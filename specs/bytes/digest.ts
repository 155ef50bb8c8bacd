import { sha256 as portable } from '@noble/hashes/sha2.js'

const crypto = globalThis.process?.getBuiltinModule?.('node:crypto')

/** SHA-256; by node:crypto where there is one, which is twice as fast. */
export const sha256: (bytes: Uint8Array) => Uint8Array =
  crypto === undefined
    ? portable
    : (bytes) => new Uint8Array(crypto.hash('sha256', bytes, 'buffer'))
