import { type Answer, type Refusal, refuse } from '@nexapod/specs'

/**
 * Bytes on the disk are not what was written there. Thrown where they are read, and turned into
 * the refusal `ledger.damaged` at the face of the store, which then serves nothing more.
 */
export class Damage extends Error {
  /** Which row, file or file's place. */
  readonly at: string

  constructor(at: string, found: string, options?: ErrorOptions) {
    super(found, options)
    this.at = at
  }

  /** The damage as it is said to others. */
  refused(): Answer<never> & { readonly refusal: Refusal } {
    return refuse('ledger.damaged', { at: this.at, detail: this.message })
  }
}

/** What an unknown error says, with the cause that LevelDB gives its own. */
export function said(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message
}

/** The code of an error of Node.js or of level, or of its cause. */
export function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return []
  const code: unknown = Reflect.get(error, 'code')
  return [...(typeof code === 'string' ? [code] : []), ...codesOf(error.cause)]
}
