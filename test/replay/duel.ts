import { balanceOf, Ledger, type Stand, stateRoot } from '../../ledger/index.ts'
import { type Opening, open, toHex } from '../../specs/index.ts'
import { Checker } from './checker.ts'

/** Both readers of one chain, held against each other after every entry. */
export class Duel {
  readonly checker: Checker
  readonly #opening: Opening
  #ledger: Ledger
  #root: string

  constructor(opening: Opening = open) {
    this.checker = new Checker(opening)
    this.#opening = opening
    this.#ledger = new Ledger(opening)
    this.#root = stateRoot(this.#ledger.state)
  }

  /** Gives both an entry: says which rule it broke, or nothing if both took it. */
  take(bytes: Uint8Array): string | undefined {
    const { checker } = this
    const { stand } = this.#ledger.chain
    const answer = this.#ledger.take(bytes)
    const broken = checker.take(bytes)
    const said = answer.ok ? 'taken' : `${answer.refusal.code} ${answer.refusal.detail ?? ''}`
    agree('entry', answer.ok, broken === undefined, `ledger: ${said}, checker: ${broken}`)
    if (broken === undefined) this.#root = checker.stateRoot()
    else this.#thaw(stand)
    const { state, chain } = this.#ledger
    for (const [account, micro] of checker.balances) {
      agree(`balance of ${account}`, balanceOf(state, account), micro)
    }
    agree('state root', stateRoot(state), this.#root)
    if (broken === undefined) agree('chain root', chain.root(), checker.chainRoot())
    return broken
  }

  /** A ledger takes nothing after a broken entry: one with its state goes on from before. */
  #thaw(stand: Stand | undefined): void {
    const { state } = this.#ledger
    const from = stand === undefined ? undefined : { stand, state }
    this.#ledger = new Ledger(this.#opening, from)
  }
}

/** Two readers that say different things. */
export class Disagreement extends Error {}

function agree(what: string, ledger: unknown, checker: unknown, detail = ''): void {
  if (ledger === checker) return
  const said = detail === '' ? `ledger: ${ledger}, checker: ${checker}` : detail
  throw new Disagreement(`${what}: ${said}`)
}

/** Opens each document once, for all readers of a process. */
export function openingOnce(): Opening {
  const answers = new Map<string, unknown>()
  return (document, signed) => {
    const { body, signatures, batch } = signed
    const parts = [body, ...signatures, ...(batch?.path ?? [])].map(toHex)
    const key = [document.domain, batch?.index, batch?.size, signatures.length, ...parts].join('/')
    const before = answers.get(key) as ReturnType<typeof open<never>> | undefined
    if (before !== undefined) return before
    const answer = open(document, signed)
    answers.set(key, answer)
    return answer
  }
}
