/** Something that must never be. */
export interface Anomaly {
  /** A word for what kind of thing it is. */
  readonly is: string
  readonly says: string
}

/** As much of a digest as tells it from others on a screen. */
export function short(digest: string): string {
  return digest.slice(0, 8)
}
