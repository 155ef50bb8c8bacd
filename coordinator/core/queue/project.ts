import { least, type Needs } from '../match/needs.ts'
import { Fresh } from './fresh.ts'
import type { Line } from './lane.ts'
import type { Entrant, Found, Search } from './search.ts'
import { type Above, Tournament } from './tournament.ts'
import type { Waiting } from './waiting.ts'

/** The jobs of a publisher that name one project, or none. */
export class Project implements Entrant, Above<Line> {
  readonly name: string
  readonly weight: number
  readonly tie: number
  slot = -1
  /** How far it has come. */
  rank = 0
  needs: Needs | undefined
  readonly #above: Above<Project>
  readonly #begun = new Tournament<Waiting>()
  readonly #fresh = new Tournament<Fresh>()

  constructor(name: string, weight: number, tie: number, above: Above<Project>) {
    this.name = name
    this.weight = weight
    this.tie = tie
    this.#above = above
  }

  get open(): boolean {
    return this.#begun.open || this.#fresh.open
  }

  refresh(line: Line): void {
    const changed = line instanceof Fresh ? this.#fresh.sync(line) : this.#begun.sync(line)
    if (!changed) return
    const [begun, fresh] = [this.#begun.needs, this.#fresh.needs]
    this.needs = begun && fresh ? least(begun, fresh) : (begun ?? fresh)
    this.#above.refresh(this)
  }

  /** What was begun goes before what is fresh: a unit that was begun should end soon. */
  find(search: Search): Found | undefined {
    return this.#begun.find(search) ?? this.#fresh.find(search)
  }
}
