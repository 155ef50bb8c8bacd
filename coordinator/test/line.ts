import {
  type Change,
  type CoordinatorId,
  changeId,
  type Digest,
  leastQuorum,
  type MeshId,
  type Rates,
  rateCardDocument,
  rosterDocument,
  sign,
} from '@nexapod/specs'
import { keyNamed, noon } from './cast.ts'

/** A member by name, and where it is. */
type Named = string | { readonly name: string; readonly addresses: readonly string[] }

/** Makes the changes of a mesh one after the other, signed by whom one names. */
export class SignedLine {
  readonly changes: Change[] = []
  readonly #mesh: MeshId

  constructor(mesh: MeshId) {
    this.#mesh = mesh
  }

  /** The next roster. */
  roster(by: readonly string[], members: readonly Named[], quorum?: number): Change {
    return this.#next(this.rosterOf(by, members, quorum))
  }

  /** The same, but it does not become a part of the line. */
  rosterOf(by: readonly string[], members: readonly Named[], quorum?: number): Change {
    const signers = by.map(keyNamed).sort((a, b) => (a.id < b.id ? -1 : 1))
    const named = members.map((one) => {
      const { name, addresses } = typeof one === 'string' ? { name: one, addresses: [] } : one
      return { coordinator: keyNamed(name).id as CoordinatorId, addresses: [...addresses] }
    })
    const value = {
      ...this.#amendment(by),
      members: named.sort((a, b) => (a.coordinator < b.coordinator ? -1 : 1)),
      quorum: quorum ?? leastQuorum(named.length),
    }
    return { type: 'roster', roster: sign(rosterDocument, value, ...signers) }
  }

  /** The next rate card. */
  rates(by: readonly string[], rates: Rates): Change {
    const signers = by.map(keyNamed).sort((a, b) => (a.id < b.id ? -1 : 1))
    const value = { ...this.#amendment(by), rates }
    return this.#next({ type: 'rates', rates: sign(rateCardDocument, value, ...signers) })
  }

  #amendment(by: readonly string[]) {
    const last = this.changes.at(-1)
    return {
      v: 1 as const,
      mesh: this.#mesh,
      revision: this.changes.length + 1,
      prev: last === undefined ? (this.#mesh as Digest) : changeId(last),
      issued: noon,
      signers: by.map((name) => keyNamed(name).id as CoordinatorId).sort(),
    }
  }

  #next(change: Change): Change {
    this.changes.push(change)
    return change
  }
}
