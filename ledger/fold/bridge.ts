import {
  type Account,
  accounts,
  type ChainId,
  decode,
  digestBytes,
  encode,
  entrySchema,
  type Fact,
  leafHash,
  limits,
  type Purpose,
  type Request,
  requestDocument,
  transferId,
} from '@nexapod/specs'
import { openCosigned } from '../chain/witness.ts'
import { includes, same } from '../tree/proof.ts'
import { type Learning, opened } from './learning.ts'
import { asked } from './people.ts'
import { given, must, needed } from './rule.ts'

type Moved = Fact & { readonly type: 'transfer' }
type For<T extends Purpose['type']> = Purpose & { readonly type: T }

/** Credit leaves for another chain, which has to be able to carry the whole entry over. */
export function depart(learning: Learning, fact: Moved, purpose: For<'depart'>): void {
  const { state, entry } = learning
  const crossing = `${entry.chain}/${transferId(purpose)}`
  must(state.crossings.get(crossing) === undefined, 'a departure is learnt once')
  must(purpose.to !== entry.chain, 'a departure is to another chain')
  checkDeparture(asked(learning, wordOf(fact)), fact, purpose, entry.chain)
  const { length } = encode(entrySchema, entry)
  must(length <= limits.claimEntryBytesMax, 'a departure is in an entry that can be carried over')
  state.crossings.set(crossing, { to: purpose.to, seq: entry.seq })
}

/** Credit left another chain of the mesh: it may arrive here, once. */
export function learnClaim(learning: Learning, fact: Fact & { readonly type: 'claim' }): void {
  const { state, entry: here, governance, owed } = learning
  const checkpoint = given(openCosigned(governance, fact.checkpoint, fact.cosignatures))
  must(checkpoint.chain !== here.chain, 'a claim is of another chain')
  const leaf = leafHash(fact.entry)
  const { size, root } = checkpoint
  must(includes(digestBytes(root), size, fact.seq, leaf, fact.path), 'a claim is proven')
  const { facts, chain, seq } = given(decode(entrySchema, fact.entry))
  must(chain === checkpoint.chain && seq === fact.seq, 'a claim is of the entry that it proves')
  let claimed = 0
  for (const departed of facts) {
    if (departed.type !== 'transfer' || departed.purpose.type !== 'depart') continue
    const { purpose } = departed
    if (purpose.to !== here.chain) continue
    checkDeparture(opened(learning, requestDocument, wordOf(departed)), departed, purpose, chain)
    const id = transferId(purpose)
    const crossing = `${chain}/${id}`
    must(state.crossings.get(crossing) === undefined, 'a departure is claimed once')
    state.crossings.set(crossing, { to: here.chain, seq: here.seq })
    owed.arrivals.set(crossing, {
      from: accounts.bridge(chain, here.chain),
      to: accounts.owner(purpose.owner),
      micro: departed.micro,
    })
    claimed++
  }
  must(claimed > 0, 'a claim is of a departure to this chain')
}

/** Credit is here that the entry claims. */
export function arrive({ owed }: Learning, fact: Moved, purpose: For<'arrive'>): void {
  const crossing = `${purpose.from}/${purpose.departed}`
  const claimed = needed(owed.arrivals.get(crossing), 'what arrives is claimed, once')
  must(claimed.micro === fact.micro, 'it arrives as it departed')
  must(fact.from === claimed.from, 'it arrives over its bridge')
  must(fact.to === claimed.to, 'it arrives at its owner')
  owed.arrivals.delete(crossing)
}

/** Whether an account is a bridge that leads to this chain: what arrived is below 0 there. */
export function isFarSide(account: Account, chain: ChainId): boolean {
  return account.startsWith('bridge/') && account.endsWith(`/${chain}`)
}

function wordOf({ request }: Moved) {
  return needed(request, 'a departure is asked for')
}

/** The owner's own word for a departure, as the chain that it leaves has to have it. */
function checkDeparture(
  { act, to: asked, from: owner }: Request,
  { to, micro }: Moved,
  purpose: For<'depart'>,
  chain: ChainId,
): void {
  must(owner === (purpose.owner as string) && asked === chain, 'an owner asks for it, there')
  must(act.type === 'depart' && act.to === purpose.to, 'a departure is asked for')
  must(act.micro === micro && same(act.nonce, purpose.nonce), 'it is as it was asked for')
  must(to === accounts.bridge(chain, purpose.to), 'it departs from there')
}
