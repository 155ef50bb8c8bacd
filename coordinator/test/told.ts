import type { FromCoordinator } from '@nexapod/specs'

/** So long nothing comes on the busiest machine if ever something will. */
const patienceMs = 90_000

interface Wish {
  readonly wanted: (message: FromCoordinator) => boolean
  readonly come: (message: FromCoordinator) => void
}

/** What somebody was told, and waiting for more of it. */
export class Told {
  /** All of it, in its order. */
  readonly told: FromCoordinator[] = []
  readonly #name: string
  #wishes: Wish[] = []

  constructor(name: string) {
    this.#name = name
  }

  /** Was told something: whoever waits for it goes on. */
  protected hear(message: FromCoordinator): void {
    this.told.push(message)
    const due = this.#wishes.filter(({ wanted }) => wanted(message))
    if (due.length > 0) this.#wishes = this.#wishes.filter((wish) => !due.includes(wish))
    for (const { come } of due) come(message)
  }

  /** Resolves as soon as something holds that what it is told brings about. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((come, reject) => {
        const late = setTimeout(() => reject(new Error(`${this.#name} waits`)), patienceMs)
        this.#wishes.push({
          wanted: () => true,
          come: () => {
            clearTimeout(late)
            come()
          },
        })
      })
    }
  }

  /** The first message of a type, told already or to come. */
  async hears<T extends FromCoordinator['type']>(
    type: T,
    wanted: (message: FromCoordinator & { readonly type: T }) => boolean = () => true,
  ): Promise<FromCoordinator & { readonly type: T }> {
    const is = (one: FromCoordinator): one is FromCoordinator & { readonly type: T } => {
      return one.type === type && wanted(one as FromCoordinator & { readonly type: T })
    }
    const known = this.told.find(is)
    if (known !== undefined) return known
    return await new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        reject(new Error(`${this.#name} waits for ${type}; told ${this.told.map((m) => m.type)}`))
      }, patienceMs)
      const come = (message: FromCoordinator) => {
        clearTimeout(late)
        resolve(message as FromCoordinator & { readonly type: T })
      }
      this.#wishes.push({ wanted: is, come })
    })
  }
}
