import {
  type Answer,
  accept,
  type Checkpoint,
  type Cosignature,
  checkpointDocument,
  checkpointId,
  cosignatureDocument,
  type Digest,
  digestBytes,
  type Fork,
  open,
  refuse,
  type Signed,
} from '@nexapod/specs'
import { includes } from '../tree/proof.ts'
import { type Electorate, isQuorum } from './governance.ts'

/** A checkpoint that its coordinator and a quorum of the roster signed. */
export function openCosigned(
  electorate: Electorate,
  signed: Signed<Checkpoint>,
  cosignatures: readonly Signed<Cosignature>[],
): Answer<Checkpoint> {
  const opened = open(checkpointDocument, signed)
  if (!opened.ok) return opened
  const id = checkpointId(signed)
  const seen = [opened.value.coordinator]
  for (const one of cosignatures) {
    const cosignature = open(cosignatureDocument, one)
    if (!cosignature.ok) return cosignature
    if (!isOf(cosignature.value, id, opened.value)) {
      return refuse('chain.checkpoint', { detail: 'a cosignature of another checkpoint' })
    }
    seen.push(cosignature.value.witness)
  }
  if (isQuorum(electorate, seen)) return opened
  const detail = `${new Set(seen).size} signed, ${electorate.quorum} of the roster must`
  return refuse('chain.checkpoint', { detail })
}

/** The proof that two checkpoints fork a chain, if they do. */
export function forkProof(
  a: Signed<Checkpoint>,
  b: Signed<Checkpoint>,
  leaf?: Fork['leaf'],
): Fork | undefined {
  const [one, other] = [a, b].sort(byStand) as [Signed<Checkpoint>, Signed<Checkpoint>]
  const fork = { one, other, ...(leaf === undefined ? {} : { leaf }) }
  return openFork(fork).ok ? fork : undefined
}

/** What a proof of a fork proves: which chain, and which coordinator signed two histories. */
export function openFork({ one, other, leaf }: Fork): Answer<Checkpoint> {
  const first = open(checkpointDocument, one)
  const second = open(checkpointDocument, other)
  if (!first.ok) return first
  if (!second.ok) return second
  const [a, b] = [first.value, second.value]
  if (a.chain !== b.chain || a.epoch !== b.epoch || a.coordinator !== b.coordinator) {
    return noFork('two chains, epochs or coordinators')
  }
  // A proof has one form, or gossip could be flooded with variants of it.
  if (byStand(one, other) >= 0)
    return noFork('the smaller comes first; of two, that with the lower id')
  if (a.size === b.size) {
    if (leaf !== undefined) return noFork('of one size, no leaf is needed')
    const differ = a.root !== b.root || a.head !== b.head || a.state !== b.state
    return differ ? first : noFork('the two say the same')
  }
  if (leaf === undefined) return noFork('of two sizes, the leaf that differs is needed')
  const { hash, path } = leaf
  const there = includes(digestBytes(b.root), b.size, a.size - 1, digestBytes(hash), path)
  return there && hash !== a.head ? accept(a) : noFork('the leaf proves no other history')
}

function noFork(detail: string): Answer<never> {
  return refuse('proof.false', { detail })
}

function isOf(cosignature: Cosignature, id: Digest, checkpoint: Checkpoint): boolean {
  const { chain, epoch, size } = checkpoint
  return (
    cosignature.checkpoint === id &&
    cosignature.chain === chain &&
    cosignature.epoch === epoch &&
    cosignature.size === size
  )
}

/** By size; of one size by id. */
function byStand(a: Signed<Checkpoint>, b: Signed<Checkpoint>): number {
  const difference = sizeOf(a) - sizeOf(b)
  if (difference !== 0) return difference
  const [one, other] = [checkpointId(a), checkpointId(b)]
  return one === other ? 0 : one < other ? -1 : 1
}

function sizeOf(signed: Signed<Checkpoint>): number {
  const opened = open(checkpointDocument, signed)
  return opened.ok ? opened.value.size : 0
}
