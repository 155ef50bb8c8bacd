/** The square of 1.959964: 95 % of a normal distribution lie within so many deviations. */
const square = 3.841459

/** Between what the true share lies with 95 %. */
export interface Bounds {
  readonly least: number
  readonly most: number
}

/** The bounds of a share, of which so many hits were seen: Wilson's. */
export function wilson(hits: number, of: number): Bounds {
  if (of <= 0) return { least: 0, most: 1 }
  const share = hits / of
  const middle = share + square / (2 * of)
  const spread = (share * (1 - share) + square / (4 * of)) / of
  const reach = Math.sqrt(square * spread)
  const whole = 1 + square / of
  return {
    least: Math.max(0, (middle - reach) / whole),
    most: Math.min(1, (middle + reach) / whole),
  }
}

/** Whether errors were shown to be rarer than a share: by how many there were, of how many. */
export function isRarer(errors: number, of: number, share: number): boolean {
  return wilson(errors, of).most <= share
}
