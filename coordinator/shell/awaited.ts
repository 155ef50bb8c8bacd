/**
 * What is said once a quorum has cosigned the entry that it speaks of: until then the disk that
 * holds it may be lost, and the chain go on elsewhere without it.
 */
export class Awaited {
  #size = 0
  #waiting: { readonly seq: number; readonly say: () => void }[] = []

  /** Says it when entries beyond this one are covered, at once if they are. */
  after(seq: number, say: () => void): void {
    if (seq < this.#size) say()
    else this.#waiting.push({ seq, say })
  }

  /** A quorum has cosigned so many entries. */
  covered(size: number): void {
    if (size <= this.#size) return
    this.#size = size
    const waiting = this.#waiting
    this.#waiting = waiting.filter(({ seq }) => seq >= size)
    for (const { seq, say } of waiting) if (seq < size) say()
  }
}
