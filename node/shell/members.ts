import type { CoordinatorId, Invitation } from '@nexapod/specs'

/** Who coordinates, as far as this node has heard: first as its invitation says. */
export class Members {
  #list: Invitation['members']
  /** What happens when somebody else gives a sign of life. */
  stranger: () => void = () => {}

  constructor(list: Invitation['members']) {
    this.#list = list
  }

  /** All of them, with where they are. */
  get list(): Invitation['members'] {
    return this.#list
  }

  /** Their keys. */
  get keys(): readonly CoordinatorId[] {
    return this.#list.map(({ coordinator }) => coordinator)
  }

  /** Whether this is the key of one of them. */
  has(peer: string): boolean {
    return this.#list.some(({ coordinator }) => coordinator === peer)
  }

  /** From now on it is these. */
  follow(list: Invitation['members']): void {
    this.#list = list
  }
}
