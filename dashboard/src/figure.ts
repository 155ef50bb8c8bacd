const letters = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** A figure of five by five squares and its hue, which an id alone decides. */
export interface Figure {
  readonly hue: number
  readonly cells: readonly { readonly x: number; readonly y: number }[]
}

/** The figure of an id: people know a shape again, and no letters of a key. */
export function figureOf(id: string): Figure {
  const values = [...id.slice(-16)].map((letter) => Math.max(0, letters.indexOf(letter)))
  const at = (i: number) => values[i % values.length] ?? 0
  const cells: { x: number; y: number }[] = []
  for (let i = 0; i < 15; i++) {
    if (at(i + 1) % 2 === 0) continue
    const x = Math.floor(i / 5)
    const y = i % 5
    cells.push({ x, y })
    if (x < 2) cells.push({ x: 4 - x, y })
  }
  return { hue: (at(0) * 58 + at(1)) % 360, cells }
}
