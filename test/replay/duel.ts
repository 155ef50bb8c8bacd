import { balanceOf, Ledger, stateRoot } from '../../ledger/index.ts'
import { type Opening, open } from '../../specs/index.ts'
import { Checker } from './checker.ts'

/** Both readers of one chain, held against each other after every entry. */
export class Duel {
  readonly checker: Checker
  readonly #ledger: Ledger
  #root: string

  constructor(opening: Opening = open) {
    this.checker = new Checker(opening)
    this.#ledger = new Ledger(opening)
    this.#root = stateRoot(this.#ledger.state)
  }

  /** Gives both an entry: says which rule it broke, or nothing if both took it. */
  take(bytes: Uint8Array): string | undefined {
    const { checker } = this
    const answer = this.#ledger.take(bytes)
    const broken = checker.take(bytes)
    const said = answer.ok ? 'taken' : `${answer.refusal.code} ${answer.refusal.detail ?? ''}`
    agree('entry', answer.ok, broken === undefined, `ledger: ${said}, checker: ${broken}`)
    if (broken === undefined) this.#root = checker.stateRoot()
    const { state, chain } = this.#ledger
    for (const [account, micro] of checker.balances) {
      agree(`balance of ${account}`, balanceOf(state, account), micro)
    }
    agree('state root', stateRoot(state), this.#root)
    if (broken === undefined) agree('chain root', chain.root(), checker.chainRoot())
    return broken
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
    const bytes = Buffer.concat([...signatures, ...(batch?.path ?? []), body])
    const sizes = [signatures.length, batch?.index, batch?.size].join('/')
    const key = `${document.domain}/${sizes}/${bytes.toString('latin1')}`
    const before = answers.get(key) as ReturnType<typeof open<never>> | undefined
    if (before !== undefined) return before
    const answer = open(document, signed)
    answers.set(key, answer)
    return answer
  }
}
