/** What the pass does at a place of a body. */
export const edit = {
  /** Pays for the segment that begins here. */
  charge: 0,
  /** Pays for the segment that begins here, the first of a loop, and looks whether it could. */
  loop: 1,
  /** Has the fuel where the callee looks for it, and takes what it left. */
  call: 2,
  /** Calls the pass's own function instead of growing the memory. */
  grow: 3,
  /** Leaves through the epilogue. */
  leave: 4,
  /** Pays for the length on top of the stack. */
  bulk: 5,
  /** Makes the float on top of the stack canonical first. */
  canonical: 6,
} as const

const stride = 5

/** The edits of one body in the order of their places; one list serves all bodies. */
export class Edits {
  #cells = new Int32Array(stride * 1024)
  count = 0

  /** Adds an edit that takes the place of so many bytes; gives its number. */
  add(kind: number, at: number, bytes: number, argument: number, depth: number): number {
    const place = this.count * stride
    if (place === this.#cells.length) {
      const larger = new Int32Array(place * 2)
      larger.set(this.#cells)
      this.#cells = larger
    }
    this.#cells[place] = kind
    this.#cells[place + 1] = at
    this.#cells[place + 2] = bytes
    this.#cells[place + 3] = argument
    this.#cells[place + 4] = depth
    return this.count++
  }

  kind(i: number): number {
    return this.#cells[i * stride] as number
  }

  /** The offset in the module. */
  at(i: number): number {
    return this.#cells[i * stride + 1] as number
  }

  /** How many bytes of the original it stands for. */
  bytes(i: number): number {
    return this.#cells[i * stride + 2] as number
  }

  /** The cost of a segment, or the opcode. */
  argument(i: number): number {
    return this.#cells[i * stride + 3] as number
  }

  /** How many labels of the original enclose the place, that of the function not counted. */
  depth(i: number): number {
    return this.#cells[i * stride + 4] as number
  }

  /** Sets the cost of a segment that has ended. */
  price(i: number, cost: number): void {
    this.#cells[i * stride + 3] = cost
  }
}
