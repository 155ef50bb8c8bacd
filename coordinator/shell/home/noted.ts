/** How far a keeper is: every entry below `size` was looked at, and outputs of some are missing. */
export interface Noted {
  readonly size: number
  /** The entries with outputs that nobody had yet. */
  readonly missing: readonly number[]
}

const nothing: Noted = { size: 0, missing: [] }

/** What a note says of a chain of this size. Whatever is no such note says nothing. */
export function notedIn(text: string, size: number): Noted {
  const said = parsed(text)
  if (!isRecord(said) || !Array.isArray(said.missing)) return nothing
  const isSeq = (seq: unknown): seq is number => {
    return Number.isSafeInteger(seq) && Number(seq) >= 0 && Number(seq) < size
  }
  const noted = said.size === size ? size : isSeq(said.size) ? said.size : undefined
  return noted === undefined ? nothing : { size: noted, missing: said.missing.filter(isSeq) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // A note that was cut off, or is none: all is looked at again.
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
