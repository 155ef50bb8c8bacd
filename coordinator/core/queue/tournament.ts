import type { Needs } from '../match/needs.ts'
import { Bracket } from './bracket.ts'
import type { Entrant, Found, Search } from './search.ts'

/** What holds entrants, and is told when one of them has changed for those above. */
export interface Above<Child> {
  refresh(child: Child): void
}

/**
 * Entrants in the order of their ranks. Most publishers have one project, and most projects one
 * lane: a tournament of one is nothing but that one, until there is another.
 */
export class Tournament<T extends Entrant> {
  #sole: T | undefined
  #needs: Needs | undefined
  #bracket: Bracket<T> | undefined

  get open(): boolean {
    return this.needs !== undefined
  }

  /** The least that any entrant needs; none if there is nobody. */
  get needs(): Needs | undefined {
    return this.#bracket === undefined ? this.#needs : this.#bracket.needs
  }

  /** Takes in, moves or leaves out an entrant as it is now; whether those above must be told. */
  sync(entrant: T): boolean {
    if (this.#bracket !== undefined) return this.#bracket.sync(entrant)
    const was = this.#needs
    if (this.#sole === undefined || this.#sole === entrant) {
      this.#sole = entrant.open ? entrant : undefined
      this.#needs = entrant.open ? entrant.needs : undefined
      entrant.slot = entrant.open ? 0 : -1
      return was !== this.#needs
    }
    if (!entrant.open) return false
    this.#bracket = new Bracket()
    this.#bracket.sync(this.#leave(this.#sole))
    this.#bracket.sync(entrant)
    return was !== this.#bracket.needs
  }

  /** Moves an entrant of which nothing but the rank has changed. */
  move(entrant: T): void {
    this.#bracket?.move(entrant)
  }

  /** The first in the order of ranks that has something for a search. */
  find(search: Search): Found | undefined {
    if (this.#bracket !== undefined) return this.#bracket.find(search)
    return search.may(this.#needs) ? this.#sole?.find(search) : undefined
  }

  #leave(entrant: T): T {
    this.#sole = undefined
    this.#needs = undefined
    entrant.slot = -1
    return entrant
  }
}
