import {
  type Answer,
  type Document,
  ed25519,
  type Opening,
  open,
  type PeerId,
  type Signed,
  type Signer,
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
const rememberedMax = 10_000

const remembered = new Map<string, { readonly message: Uint8Array; readonly isGood: boolean }>()
const { verify } = ed25519

/**
 * Has each signature of this process verified at most once, and not at all if it was made here:
 * every document is looked at by all who hear of it, and that is most of what a world costs. What
 * is remembered is held against the whole message.
 */
export function rememberSignatures(): void {
  ed25519.verify = (signer, message, signature) => {
    const known = remembered.get(`${signer}/${toHex(signature)}`)
    if (known !== undefined && Buffer.compare(known.message, message) === 0) return known.isGood
    return remember(signer, message, signature, verify(signer, message, signature))
  }
}

/** A signer whose signatures are remembered. */
export function rememberedSigner({ id, sign }: Signer): Signer {
  return {
    id,
    sign(message) {
      const signature = sign(message)
      remember(id, message, signature, true)
      return signature
    },
  }
}

function remember(
  signer: PeerId,
  message: Uint8Array,
  signature: Uint8Array,
  isGood: boolean,
): boolean {
  if (remembered.size >= rememberedMax) remembered.clear()
  remembered.set(`${signer}/${toHex(signature)}`, { message: message.slice(), isGood })
  return isGood
}
