/** A rule that is broken, in as many places as it is held: then somebody spends twice. */
export interface Control {
  readonly name: string
  readonly rule: string
  readonly edits: readonly Edit[]
}

/** A text that stands once in a file, and another in its stead. */
interface Edit {
  readonly file: string
  readonly text: string
  readonly instead: string
}

/** Rules that keep one balance from being spent twice. Without each of them it is. */
export const controls: readonly Control[] = [
  {
    name: 'claimed-twice',
    rule: 'a departure is claimed once',
    edits: [
      {
        file: 'coordinator/core/claims.ts',
        text: 'if (known !== undefined) return accept(known.seq)',
        instead: '',
      },
      {
        file: 'ledger/fold/bridge.ts',
        text: "must(state.crossings.get(crossing) === undefined, 'a departure is claimed once')",
        instead: '',
      },
    ],
  },
  {
    name: 'no-quorum',
    rule: 'a claim stands on a checkpoint that a quorum has cosigned',
    edits: [
      {
        file: 'ledger/chain/witness.ts',
        text: 'if (isQuorum(electorate, seen)) return opened',
        instead: 'if (seen.length > 0) return opened',
      },
    ],
  },
  {
    name: 'unproven',
    rule: 'a claim is proven',
    edits: [
      {
        file: 'ledger/fold/bridge.ts',
        text: 'must(includes(digestBytes(root), size, fact.seq, leaf, fact.path),',
        instead: 'must(includes(digestBytes(root), size, fact.seq, leaf, fact.path) || true,',
      },
    ],
  },
  {
    name: 'below-nothing',
    rule: 'an account holds what leaves it',
    edits: [
      {
        file: 'coordinator/core/requests.ts',
        text: "return refuse('credit.short')\n  const fact = transfer(purpose",
        instead: '{}\n  const fact = transfer(purpose',
      },
      {
        file: 'ledger/fold/money.ts',
        text: "must(left >= least, 'an account holds what leaves it')",
        instead: "must(left >= least - limits.microMax, '')",
      },
    ],
  },
  {
    name: 'seal-ignored',
    rule: 'who sealed an epoch cosigns nothing of it beyond that, and its writer stops',
    edits: [
      {
        file: 'test/sim/bank/member.ts',
        text: 'if (this.#isSealed(chain, epoch)) return undefined',
        instead: '',
      },
      {
        file: 'test/sim/bank/member.ts',
        text: 'if (!this.copies.get(chain)?.found.has(id)) return undefined',
        instead: '',
      },
      {
        file: 'test/sim/bank/member.ts',
        text: 'if (home !== undefined && home.epoch <= epoch) this.homes.delete(chain)',
        instead: '',
      },
    ],
  },
]
