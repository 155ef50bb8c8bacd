import {
  type Answer,
  accept,
  accounts,
  checkpointDocument,
  decode,
  entrySchema,
  type Fact,
  refuse,
  reopen,
  requestDocument,
  transferId,
} from '@nexapod/specs'
import type { Deed, Over } from './event.ts'
import { transfer } from './transfers.ts'
import type { Turn } from './turn.ts'

type Claim = Deed & { readonly type: 'claim' }

/** What arrives here of the departures in an entry of another chain, and how each is called. */
interface Departed {
  readonly arrivals: readonly Fact[]
  readonly crossings: readonly string[]
}

/**
 * Lets credit arrive that left another chain: told with the entry that it stands in. Whether the
 * proof is one, the ledger says when it learns it; what it refuses was never written.
 */
export function claim(turn: Turn, { type, to, ...proof }: Claim): Answer<number> {
  const { ledger, chain } = turn.state
  if (to !== chain) return refuse('request.audience')
  const departed = departedIn(turn, proof)
  if (!departed.ok) return departed
  const { crossings } = ledger.state
  const [known] = departed.value.crossings.map((crossing) => crossings.get(crossing))
  if (known !== undefined) return accept(known.seq)
  const ended = overOf(turn, proof)
  if (ended !== undefined) return refuse(ended.why, { detail: `of epoch ${ended.epoch}` })
  const members = ledger.chain.tip?.governance.members.length ?? 0
  if (proof.cosignatures.length > members) {
    return refuse('chain.checkpoint', { detail: `more cosignatures than the ${members} members` })
  }
  const written = turn.attempt([{ type, ...proof }, ...departed.value.arrivals])
  if (written.ok || written.refusal.code !== 'ledger.rule') return written
  const { detail } = written.refusal
  return refuse('proof.false', detail === undefined ? {} : { detail })
}

/** Of an epoch of another chain nothing is claimed from now on, nor of those before. */
export function noteOver({ state }: Turn, { chain, epoch, why }: Over): void {
  const known = state.over.get(chain)
  if (known === undefined || known.epoch <= epoch) state.over.set(chain, { chain, epoch, why })
}

/**
 * What ended the epoch that a claim stands on. A forked chain may have departures in two histories,
 * each cosigned; which of them counts, a seal says, and the next epoch begins with all of that.
 */
function overOf({ state }: Turn, { checkpoint }: Pick<Claim, 'checkpoint'>): Over | undefined {
  // Whether it was signed, the ledger looks at.
  const says = reopen(checkpointDocument, checkpoint)
  const known = says.ok ? state.over.get(says.value.chain) : undefined
  return known !== undefined && says.ok && says.value.epoch <= known.epoch ? known : undefined
}

/** What arrives by an entry, each departure with the word of its owner. */
function departedIn({ state }: Turn, { entry }: Pick<Claim, 'entry'>): Answer<Departed> {
  const read = decode(entrySchema, entry)
  if (!read.ok) return read
  const { chain: from, facts } = read.value
  const arrivals: Fact[] = []
  const crossings: string[] = []
  for (const fact of facts) {
    if (fact.type !== 'transfer') continue
    const { purpose, micro, request } = fact
    if (purpose.type !== 'depart' || purpose.to !== state.chain || request === undefined) continue
    // The ledger learns what was opened here before.
    const asked = state.setting.open(requestDocument, request)
    if (!asked.ok) return asked
    const departed = transferId(purpose)
    const bridge = accounts.bridge(from, state.chain)
    const arrive = { type: 'arrive' as const, from, departed }
    arrivals.push(transfer(arrive, bridge, accounts.owner(purpose.owner), micro))
    crossings.push(`${from}/${departed}`)
  }
  if (arrivals.length > 0) return accept({ arrivals, crossings })
  return refuse('proof.false', { detail: 'nothing in this entry departs to this chain' })
}
