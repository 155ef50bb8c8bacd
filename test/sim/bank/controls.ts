import type { Edit } from '../mutate/breaking.ts'

/** A rule that is broken, in as many places as it is held: then somebody spends twice. */
export interface Control {
  readonly name: string
  readonly rule: string
  readonly edits: readonly Edit[]
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
    name: 'paid-twice',
    rule: 'what arrives is what departed',
    edits: [
      {
        file: 'coordinator/core/claims.ts',
        text: 'accounts.owner(purpose.owner), micro)',
        instead: 'accounts.owner(purpose.owner), micro * 2)',
      },
      {
        file: 'ledger/fold/bridge.ts',
        text: "must(claimed.micro === fact.micro, 'it arrives as it departed')",
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
    name: 'fork-claimed',
    rule: 'nothing is claimed of an epoch that was forked',
    edits: [
      {
        file: 'coordinator/core/claims.ts',
        text: 'if (ended !== undefined) return refuse(',
        instead: 'if (ended?.chain === chain) return refuse(',
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
    rule: 'who sealed an epoch cosigns and pays nothing of it, and its writer stops',
    edits: [
      {
        file: 'coordinator/core/claims.ts',
        text: 'if (ended !== undefined) return refuse(',
        instead: "if (ended?.why === 'ledger.forked') return refuse(",
      },
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
