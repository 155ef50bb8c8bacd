/** The nodes of a tree that a search has still to look into, the one with the best winner first. */
export class Frontier {
  readonly #isBefore: (a: number, b: number) => boolean
  readonly #nodes: number[] = []
  readonly #winners: number[] = []

  constructor(isBefore: (a: number, b: number) => boolean) {
    this.#isBefore = isBefore
  }

  push(node: number, winner: number): void {
    let at = this.#nodes.length
    this.#nodes.push(node)
    this.#winners.push(winner)
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!this.#isBefore(winner, this.#winners[above] as number)) break
      this.#move(above, at)
      at = above
    }
    this.#put(node, winner, at)
  }

  pop(): number | undefined {
    const first = this.#nodes[0]
    const node = this.#nodes.pop()
    const winner = this.#winners.pop()
    if (node === undefined || winner === undefined || this.#nodes.length === 0) return first
    let at = 0
    for (let below = 1; below < this.#nodes.length; below = 2 * at + 1) {
      if (this.#isBeforeAt(below + 1, below)) below++
      if (!this.#isBefore(this.#winners[below] as number, winner)) break
      this.#move(below, at)
      at = below
    }
    this.#put(node, winner, at)
    return first
  }

  #isBeforeAt(a: number, b: number): boolean {
    const winner = this.#winners[a]
    return winner !== undefined && this.#isBefore(winner, this.#winners[b] as number)
  }

  #move(from: number, to: number): void {
    this.#put(this.#nodes[from] as number, this.#winners[from] as number, to)
  }

  #put(node: number, winner: number, at: number): void {
    this.#nodes[at] = node
    this.#winners[at] = winner
  }
}
