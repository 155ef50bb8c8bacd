import {
  type Account,
  type Digest,
  decode,
  digestText,
  entryHash,
  entrySchema,
  type Fact,
  leafHash,
  type Opening,
  open,
} from '../../specs/index.ts'
import { type Book, Broken, copyOf, emptyBook, must, type Step } from './book.ts'
import { learnClaim } from './claims.ts'
import { learnTransfer } from './credit.ts'
import { link } from './governing.ts'
import { learnCancel, learnDraw, learnEnd, learnFences, learnJob, learnReceipt } from './jobs.ts'
import { learnDelegation, learnNode, learnRevocation } from './people.ts'
import { rowsOf } from './rows.ts'
import { Places, rootOf } from './tree.ts'
import { learnReopen, learnVerdict } from './verdicts.ts'

/**
 * A second reader of a ledger, written from the prose of specs/ alone, without a look at ledger/.
 * It is slow and plain on purpose: it keeps all that ever was, copies all of it for each entry,
 * and makes rows and trees anew.
 */
export class Checker {
  #book: Book = emptyBook()
  #rows: ReadonlyMap<string, Uint8Array> = new Map()
  readonly #places = new Places()
  readonly #opening: Opening

  constructor(opening: Opening = open) {
    this.#opening = opening
  }

  /** Takes an entry, or says which rule it breaks; then nothing has changed. */
  take(bytes: Uint8Array): string | undefined {
    const book = this.suppose(bytes)
    if (typeof book === 'string') return book
    book.entries.push(leafHash(bytes))
    book.head = entryHash(bytes)
    this.#book = book
    this.#rows = rowsOf(book)
    this.#places.keep(this.#rows)
    return undefined
  }

  /** What would be known after an entry, or which rule it breaks. */
  suppose(bytes: Uint8Array): Book | string {
    const book = copyOf(this.#book)
    try {
      learn(book, bytes, this.#opening)
    } catch (cause) {
      if (cause instanceof Broken) return cause.message
      throw cause
    }
    return book
  }

  /** What is known. */
  get book(): Book {
    return this.#book
  }

  /** The rows of the state, by their keys. */
  get rows(): ReadonlyMap<string, Uint8Array> {
    return this.#rows
  }

  /** What each account holds that ever held anything. */
  get balances(): ReadonlyMap<Account, number> {
    return this.#book.balances
  }

  /** The root of the state. */
  stateRoot(): Digest {
    return this.#places.root(this.#rows)
  }

  /** The root over the entries, at least one. */
  chainRoot(): Digest {
    return digestText(rootOf(this.#book.entries))
  }
}

function learn(book: Book, bytes: Uint8Array, opening: Opening): void {
  const answer = decode(entrySchema, bytes)
  must(answer.ok, 'entry: its bytes are one')
  const entry = answer.value
  const governance = link(book, entry, opening)
  const step: Step = { book, governance, entry, bytes: bytes.length, opening, owed: new Map() }
  for (const fact of entry.facts) learnFact(step, fact)
  const [due] = step.owed.values()
  must(due === undefined, `${due?.purpose.type}: it stands in the entry of what asks for it`)
}

function learnFact(step: Step, fact: Fact): void {
  switch (fact.type) {
    case 'genesis':
    case 'roster':
    case 'rates':
    case 'seal':
      break
    case 'node':
      learnNode(step, fact)
      break
    case 'delegation':
      learnDelegation(step, fact)
      break
    case 'revocation':
      learnRevocation(step, fact)
      break
    case 'job':
      learnJob(step, fact)
      break
    case 'receipt':
      learnReceipt(step, fact)
      break
    case 'verdict':
      learnVerdict(step, fact)
      break
    case 'reopen':
      learnReopen(step, fact)
      break
    case 'transfer':
      learnTransfer(step, fact)
      break
    case 'fences':
      learnFences(step, fact)
      break
    case 'draw':
      learnDraw(step, fact)
      break
    case 'claim':
      learnClaim(step, fact)
      break
    case 'cancel':
      learnCancel(step, fact)
      break
    case 'end':
      learnEnd(step, fact)
      break
  }
}
