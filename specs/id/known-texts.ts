/** How long a key or a digest is. */
const size = 32

/** Places that a table begins with. */
const placesMin = 256

/**
 * The texts of keys, or of digests, that were read a while ago. They come again and again: who
 * reads one again gets the same text, which need not be spelled anew, nor kept once more. Each has
 * one place, by its first bytes, and loses it to the next that has the same.
 */
export class KnownTexts {
  readonly #placesMax: number
  readonly #spell: (bytes: Uint8Array, at: number) => string | undefined
  #bytes = new Uint8Array(placesMin * size)
  #texts: (string | undefined)[] = new Array(placesMin).fill(undefined)
  /** How many lost their place since there are as many places as now. */
  #lost = 0

  /** A table of at most so many places, a power of two; `spell` gives the text of what is one. */
  constructor(placesMax: number, spell: (bytes: Uint8Array, at: number) => string | undefined) {
    this.#placesMax = placesMax
    this.#spell = spell
  }

  /** The text of the bytes from an offset on, if they are what has one. */
  at(bytes: Uint8Array, at: number): string | undefined {
    const place = this.#placeOf(bytes, at)
    const known = this.#texts[place]
    if (known !== undefined && this.#isAt(place, bytes, at)) return known
    const text = this.#spell(bytes, at)
    if (text === undefined) return undefined
    if (known !== undefined && ++this.#lost > this.#texts.length) this.#grow()
    this.#put(this.#placeOf(bytes, at), bytes, at, text)
    return text
  }

  #placeOf(bytes: Uint8Array, at: number): number {
    const [a, b, c] = [bytes[at] as number, bytes[at + 1] as number, bytes[at + 2] as number]
    return ((c << 16) | (b << 8) | a) & (this.#texts.length - 1)
  }

  #isAt(place: number, bytes: Uint8Array, at: number): boolean {
    const known = this.#bytes
    const from = place * size
    for (let i = 0; i < size; i++) if (known[from + i] !== bytes[at + i]) return false
    return true
  }

  #put(place: number, bytes: Uint8Array, at: number, text: string): void {
    const from = place * size
    for (let i = 0; i < size; i++) this.#bytes[from + i] = bytes[at + i] as number
    this.#texts[place] = text
  }

  #grow(): void {
    this.#lost = 0
    if (this.#texts.length >= this.#placesMax) return
    const [bytes, texts] = [this.#bytes, this.#texts]
    this.#bytes = new Uint8Array(2 * bytes.length)
    this.#texts = new Array(2 * texts.length).fill(undefined)
    for (const [place, text] of texts.entries()) {
      if (text === undefined) continue
      this.#put(this.#placeOf(bytes, place * size), bytes, place * size, text)
    }
  }
}
