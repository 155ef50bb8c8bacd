import {
  type Answer,
  type Document,
  ed25519,
  type Opening,
  open,
  type Signed,
  toHex,
} from '../../../specs/index.ts'

/**
 * Opens signed documents, each object once. Whether a signature is good is a function of the bytes,
 * and most of what passes in a world is heard by many; what was read from bytes is looked at anew.
 */
export function rememberedOpening(): Opening {
  const opened = new WeakMap<object, Map<string, Answer<unknown>>>()
  return <T>(document: Document<T>, signed: Signed<T>) => {
    const known = opened.get(signed) ?? new Map<string, Answer<unknown>>()
    const answer = (known.get(document.domain) ?? open(document, signed)) as Answer<T>
    known.set(document.domain, answer)
    opened.set(signed, known)
    return answer
  }
}

/** Signatures that are remembered at one time. */
const verifiedMax = 10_000

/**
 * Has each signature of a process verified once: a document is looked at by everybody who hears of
 * it, and that is most of what a world costs. What is remembered is held against the whole message.
 */
export function rememberVerification(): void {
  if (isRemembering) return
  isRemembering = true
  const { verify } = ed25519
  const known = new Map<string, { readonly message: Uint8Array; readonly isGood: boolean }>()
  ed25519.verify = (signer, message, signature) => {
    const key = `${signer}/${toHex(signature)}`
    const before = known.get(key)
    if (before !== undefined && Buffer.compare(before.message, message) === 0) return before.isGood
    const isGood = verify(signer, message, signature)
    if (known.size >= verifiedMax) known.clear()
    known.set(key, { message: message.slice(), isGood })
    return isGood
  }
}

let isRemembering = false
