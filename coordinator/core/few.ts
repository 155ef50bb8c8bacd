/** A few of something, in the order in which they came: a set of two costs more than a list. */
export class Few<T> implements Iterable<T> {
  readonly #list: T[] = []

  get size(): number {
    return this.#list.length
  }

  add(one: T): void {
    if (!this.#list.includes(one)) this.#list.push(one)
  }

  delete(one: T): void {
    const at = this.#list.indexOf(one)
    if (at >= 0) this.#list.splice(at, 1)
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#list.values()
  }
}

/** Sorts a list of a few in place, as `sort` does: that makes lists of its own for it. */
export function sortFew<T>(list: T[], by: (a: T, b: T) => number): T[] {
  for (let i = 1; i < list.length; i++) {
    const one = list[i] as T
    let at = i
    for (; at > 0 && by(list[at - 1] as T, one) > 0; at--) list[at] = list[at - 1] as T
    list[at] = one
  }
  return list
}
