import {
  type Answer,
  type Document,
  type Opening,
  open,
  type Signed,
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
