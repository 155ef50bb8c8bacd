import { least, type Needs } from '../match/needs.ts'
import { Fresh } from './fresh.ts'
import { hardnessOf } from './job.ts'
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
  /** What waits for nodes that are hard to find, apart: most nodes need not look at it. */
  readonly #hard = new Tournament<Waiting>()
  readonly #begun = new Tournament<Waiting>()
  readonly #fresh = new Tournament<Fresh>()

  constructor(name: string, weight: number, tie: number, above: Above<Project>) {
    this.name = name
    this.weight = weight
    this.tie = tie
    this.#above = above
  }

  get open(): boolean {
    return this.needs !== undefined
  }

  refresh(line: Line): void {
    if (!this.#sync(line)) return
    const all = [this.#fresh.needs, this.#begun.needs, this.#hard.needs]
    this.needs = all.reduce((a, b) => (a && b ? least(a, b) : (a ?? b)))
    this.#above.refresh(this)
  }

  /** What was begun should end soon, but by chance; and who is hard to find is asked first. */
  find(search: Search): Found | undefined {
    return search.either(
      () => this.#hard.find(search) ?? this.#begun.find(search),
      () => this.#fresh.find(search),
    )
  }

  #sync(line: Line): boolean {
    if (line instanceof Fresh) return this.#fresh.sync(line)
    return hardnessOf(line.kind) > 0 ? this.#hard.sync(line) : this.#begun.sync(line)
  }
}
