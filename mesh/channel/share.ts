/** A piece of somebody's work, of well under a millisecond; whether more of it is left. */
export type Piece = () => boolean

/**
 * The turns of the event loop, and the row of those whose work is too much for one. What somebody
 * may do at once in one turn is bounded; the rest waits in the row, from which each turn takes one
 * piece. So who asks little is heard at once, however much others send, and who waits alone has a
 * piece of every turn: between them the loop looks at its sockets, no more.
 *
 * One piece and no more, since what it sets off is done in microtasks, after it: no clock that is
 * read in between would count that.
 */
export class Share {
  readonly #row = new Set<Piece>()
  #turn = 0
  #isDue = false

  /** Which turn it is: another number means that the loop has come round. */
  turn(): number {
    this.#due()
    return this.#turn
  }

  /** Goes to the end of the row, until the piece says that nothing is left. */
  wait(piece: Piece): void {
    this.#row.add(piece)
    this.#due()
  }

  /** Nothing of this one is left to be done. */
  leave(piece: Piece): void {
    this.#row.delete(piece)
  }

  #due(): void {
    if (this.#isDue) return
    this.#isDue = true
    setImmediate(() => {
      this.#turn++
      this.#isDue = false
      for (const piece of this.#row) {
        this.#row.delete(piece)
        if (piece()) this.wait(piece)
        break
      }
      if (this.#row.size > 0) this.#due()
    })
  }
}
