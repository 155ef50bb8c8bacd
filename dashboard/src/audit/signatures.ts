import {
  type Answer,
  accept,
  ed25519,
  type Opening,
  openUnverified,
  type PeerId,
  refuse,
  soundKey,
  toHex,
  type Unverified,
} from '@nexapod/specs'

/** Batches have one signature for many documents; what it is over is short. */
const batchMessageMax = 128

/**
 * Opens documents and keeps their signatures until they are verified, many at once: a browser's own
 * Ed25519 is twenty times as fast as one in JavaScript, and answers later.
 */
export class Signatures {
  /** How many were found to be good. */
  verified = 0
  #waiting: Unverified[] = []
  readonly #keys = new Map<PeerId, Promise<CryptoKey>>()

  /** How documents are opened by whoever verifies before believing anything of it. */
  readonly opening: Opening = (document, signed) => {
    const read = openUnverified(document, signed)
    if (!read.ok) return read
    this.#waiting.push(...read.value.unverified)
    return accept(read.value.says)
  }

  /** Verifies all that is waiting; says which is false, if one is. */
  async verify(): Promise<Answer<undefined>> {
    const waiting = onceEach(this.#waiting)
    this.#waiting = []
    const native = await hasNative()
    const verdicts = native
      ? await Promise.all(waiting.map((one) => this.#verifyNatively(one)))
      : waiting.map(({ signer, message, signature }) => ed25519.verify(signer, message, signature))
    const wrong = verdicts.indexOf(false)
    if (wrong >= 0) return refuse('signature.false', { detail: `signer ${waiting[wrong]?.signer}` })
    this.verified += waiting.length
    return accept(undefined)
  }

  async #verifyNatively({ signer, message, signature }: Unverified): Promise<boolean> {
    const key = soundKey(signer, signature)
    if (key === undefined) return false
    let imported = this.#keys.get(signer)
    if (imported === undefined) {
      imported = crypto.subtle.importKey('raw', bare(key), 'Ed25519', false, ['verify'])
      this.#keys.set(signer, imported)
    }
    return await crypto.subtle.verify('Ed25519', await imported, bare(signature), bare(message))
  }
}

function onceEach(all: readonly Unverified[]): Unverified[] {
  const seen = new Set<string>()
  return all.filter(({ signer, message, signature }) => {
    if (message.length > batchMessageMax) return true
    const key = `${signer}/${toHex(signature)}/${toHex(message)}`
    return !seen.has(key) && seen.add(key)
  })
}

let found: Promise<boolean> | undefined

/** Whether there is an Ed25519 of the browser's own: only in new ones, and where it is safe. */
function hasNative(): Promise<boolean> {
  found ??= lookForNative()
  return found
}

async function lookForNative(): Promise<boolean> {
  if (globalThis.crypto?.subtle === undefined) return false
  // A key that everybody has: that of a seed of zeros.
  const { id } = ed25519.signer(new Uint8Array(32))
  const key = soundKey(id, new Uint8Array(64).fill(3))
  if (key === undefined) return false
  return await crypto.subtle.importKey('raw', bare(key), 'Ed25519', false, ['verify']).then(
    () => true,
    () => false,
  )
}

/** Bytes with a buffer that is not shared, as the types of WebCrypto want it. */
function bare(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes)
}
