import type { Branch } from './publisher.ts'

/** How many are looked at for one ask, of all names together. */
const looksMax = 128

interface Named {
  readonly list: Branch[]
  readonly places: Map<Branch, number>
  /** Where the next look begins, if not all are looked at. */
  from: number
}

/** The projects of all publishers by their names, for nodes that compute for some alone. */
export class Branches {
  readonly #named = new Map<string, Named>()

  add(branch: Branch): void {
    const { name } = branch.project
    const named: Named = this.#named.get(name) ?? { list: [], places: new Map(), from: 0 }
    this.#named.set(name, named)
    named.places.set(branch, named.list.length)
    named.list.push(branch)
  }

  remove(branch: Branch): void {
    const { name } = branch.project
    const named = this.#named.get(name)
    const place = named?.places.get(branch)
    if (named === undefined || place === undefined) return
    const last = named.list.pop() as Branch
    named.places.delete(branch)
    if (named.list.length === 0) this.#named.delete(name)
    if (last === branch) return
    named.list[place] = last
    named.places.set(last, place)
  }

  /**
   * Those of some names that have something open. Nearly always few publishers share the name of
   * a project; of more than can be looked at, others are each time, and `all` is false.
   */
  open(names: readonly string[]): { open: Branch[]; all: boolean } {
    const open: Branch[] = []
    const max = Math.max(1, Math.floor(looksMax / names.length))
    let all = true
    for (const name of names) {
      const named = this.#named.get(name)
      if (named === undefined) continue
      const { list } = named
      const count = Math.min(max, list.length)
      const from = count < list.length ? named.from % list.length : 0
      for (let i = 0; i < count; i++) {
        const branch = list[(from + i) % list.length] as Branch
        if (branch.project.open) open.push(branch)
      }
      named.from = from + count
      if (count < list.length) all = false
    }
    return { open, all }
  }
}
