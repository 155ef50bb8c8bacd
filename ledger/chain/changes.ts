import {
  type Answer,
  accept,
  type Change,
  type CoordinatorId,
  changeId,
  type Mesh,
  openChange,
  refuse,
  type Signed,
} from '@nexapod/specs'
import { amended, founded } from './governance.ts'
import type { Governance } from './stand.ts'

/** The line of changes of a mesh, from its founding on: each was checked when it was taken. */
export class Changes {
  readonly founding: Signed<Mesh>
  #governance: Governance
  readonly #line: Change[] = []

  private constructor(founding: Signed<Mesh>, governance: Governance) {
    this.founding = founding
    this.#governance = governance
  }

  /** Begins with the mesh as it was founded. */
  static begin(founding: Signed<Mesh>): Answer<Changes> {
    const governance = founded(founding)
    return governance.ok ? accept(new Changes(founding, governance.value)) : governance
  }

  /** Who governs after all of them. */
  get governance(): Governance {
    return this.#governance
  }

  /** The change with a revision. */
  at(revision: number): Change | undefined {
    return this.#line[revision - 1]
  }

  /** All changes after a revision. */
  after(revision: number): readonly Change[] {
    return this.#line.slice(revision)
  }

  /** Takes the next change; says whether it was new, or that there is another in its place. */
  take(change: Change): Answer<boolean> {
    const opened = openChange(change)
    if (!opened.ok) return opened
    const { revision, mesh } = opened.value
    const known = mesh === this.#governance.mesh ? this.at(revision) : undefined
    if (known === undefined) {
      const next = amended(this.#governance, change)
      if (!next.ok) return next
      this.#governance = next.value
      this.#line.push(change)
      return accept(true)
    }
    if (changeId(known) === changeId(change)) return accept(false)
    const both = bothSigned(known, change).join(', ') || 'nobody'
    const detail = `two changes of revision ${revision}, signed both by ${both}`
    return refuse('chain.roster', { detail })
  }
}

/** Who signed both of two changes that were opened. */
function bothSigned(one: Change, other: Change): readonly CoordinatorId[] {
  const signed = [one, other].map((change) => {
    const opened = openChange(change)
    return opened.ok ? opened.value.signers : []
  })
  const [first = [], second = []] = signed
  return first.filter((key) => second.includes(key))
}
