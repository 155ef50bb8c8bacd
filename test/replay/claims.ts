import {
  accounts,
  type Checkpoint,
  checkpointDocument,
  checkpointId,
  cosignatureDocument,
  decode,
  digestText,
  entrySchema,
  leafHash,
  requestDocument,
  rootOfPath,
  transferId,
} from '../../specs/index.ts'
import { type FactOf, must, opened, type Step } from './book.ts'
import { asksFor } from './credit.ts'
import { isQuorum } from './governing.ts'

/** Credit that left another chain has arrived. */
export function learnClaim(step: Step, fact: FactOf<'claim'>): void {
  const { book, opening, owed } = step
  const checkpoint = openCosigned(step, fact)
  const { chain: other } = checkpoint
  must(other !== book.chain, 'claim: the checkpoint is of another chain')
  const root = rootOfPath(leafHash(fact.entry), fact.seq, checkpoint.size, fact.path)
  const proven = root !== undefined && digestText(root) === checkpoint.root
  must(proven, 'claim: the path proves the entry')
  const answer = decode(entrySchema, fact.entry)
  must(answer.ok, 'claim: the entry is one')
  must(answer.value.chain === other, 'claim: the entry is of the chain of the checkpoint')
  must(answer.value.seq === fact.seq, 'claim: the entry has its seq')
  let arrivals = 0
  for (const one of answer.value.facts) {
    if (one.type !== 'transfer' || one.purpose.type !== 'depart') continue
    const { purpose, micro, request: signed, to } = one
    if (purpose.to !== book.chain) continue
    const bridge = accounts.bridge(other, book.chain)
    must(to === bridge, 'claim: it goes over the bridge from that chain to this one')
    must(signed !== undefined, 'claim: it has its request')
    const request = opened(opening, requestDocument, signed)
    must((request.from as string) === purpose.owner, 'claim: its request is of its owner')
    must(request.to === other, 'claim: its request is to that chain')
    must(asksFor(request.act, purpose, micro), 'claim: its request asks for just that')
    const departed = transferId(purpose)
    must(!book.crossings.has(`${other}/${departed}`), 'claim: it was not claimed before')
    book.crossings.set(`${other}/${departed}`, { to: book.chain, seq: step.entry.seq })
    const arrive = { type: 'arrive' as const, from: other, departed }
    const gives = { from: bridge, to: accounts.owner(purpose.owner), micro }
    owed.set(transferId(arrive), { purpose: arrive, ...gives })
    arrivals++
  }
  must(arrivals > 0, 'claim: there is a depart to this chain in it')
}

/** checkpoint.md, rule 7; of a cosignature what certificate.md asks of one. */
function openCosigned({ governance, opening }: Step, fact: FactOf<'claim'>): Checkpoint {
  const checkpoint = opened(opening, checkpointDocument, fact.checkpoint)
  const { chain, epoch, size } = checkpoint
  const witnesses = fact.cosignatures.map((signed) => {
    const seen = opened(opening, cosignatureDocument, signed)
    const same = seen.chain === chain && seen.epoch === epoch && seen.size === size
    const names = seen.checkpoint === checkpointId(fact.checkpoint)
    must(same && names, 'claim: a cosignature is of its checkpoint')
    return seen.witness
  })
  const quorum = isQuorum(governance, [checkpoint.coordinator, ...witnesses])
  must(quorum, 'claim: the checkpoint is cosigned by a quorum')
  return checkpoint
}
