import { encode } from '../bytes/bytes.ts'
import {
  type Checkpoint,
  type Cosignature,
  checkpointDocument,
  checkpointId,
  cosignatureDocument,
  type Fork,
} from '../checkpoint/checkpoint.ts'
import { revocationDocument } from '../delegation/delegation.ts'
import { type Entry, entrySchema, noEntry } from '../entry/entry.ts'
import type { Fact } from '../fact/fact.ts'
import { type Seal, sealDocument } from '../fact/seal.ts'
import { type Beacon, beaconDocument } from '../mesh/beacon.ts'
import { meshId } from '../mesh/mesh.ts'
import { receiptDocument, receiptId } from '../receipt/receipt.ts'
import { type Request, requestDocument } from '../request/request.ts'
import { resultId } from '../result/result.ts'
import { sign } from '../signed/signed.ts'
import type { Transfer } from '../transfer/transfer.ts'
import { cast, coordinators, ids, made, now } from './cast.ts'
import { home } from './jobs.ts'
import { signedMesh, signedRates, signedRoster } from './mesh.ts'
import { transfers } from './transfers.ts'
import {
  execution,
  outcome,
  outOfFuel,
  receipt,
  revocation,
  signedDelegation,
  signedJob,
  signedReceipt,
} from './work.ts'

/** A publisher's wish to cancel. */
export const cancel: Request = {
  v: 1,
  from: ids.publisher,
  to: home,
  epoch: 0,
  counter: 1,
  issued: now,
  expires: now + 60_000,
  act: { type: 'cancel', job: execution.job },
}

/** What an owner says of itself. */
export const rename: Request = {
  ...cancel,
  from: ids.owner,
  act: { type: 'name', name: 'Bénédicte 🦉', country: 'DE', team: 'Owls', exported: true },
}

/** An owner's wish to move credit to another chain. */
export const departure: Request = {
  ...cancel,
  from: ids.owner,
  act: {
    type: 'depart',
    to: made.chain('another chain'),
    micro: 77,
    nonce: made.nonce('depart'),
  },
}

/** An owner's wish to leave a bond for a node. */
export const bonding: Request = {
  ...cancel,
  from: ids.owner,
  act: { type: 'bond', node: ids.node, micro: 5000 },
}

/** Where the chain stands after a dozen entries. */
export const checkpoint: Checkpoint = {
  v: 1,
  chain: home,
  epoch: 0,
  size: 12,
  coordinator: ids.coordinator,
  root: made.digest('root'),
  head: made.digest('head'),
  state: made.digest('state'),
  time: now,
}

/** The same, signed. */
export const signedCheckpoint = sign(checkpointDocument, checkpoint, coordinators[0])

/** A witness has seen it. */
export const cosignature: Cosignature = {
  v: 1,
  chain: home,
  epoch: 0,
  size: 12,
  checkpoint: checkpointId(signedCheckpoint),
  witness: ids.witness,
  time: now + 50,
}

/** The same, signed. */
export const signedCosignature = sign(cosignatureDocument, cosignature, coordinators[1])

/** The same coordinator, twelve entries long and once more with another leaf in their place. */
export const longFork: Fork = {
  one: signedCheckpoint,
  other: sign(
    checkpointDocument,
    { ...checkpoint, size: 13, root: made.digest('longer root'), head: made.digest('longer') },
    coordinators[0],
  ),
  leaf: { hash: made.digest('other head'), path: [made.salt('left'), made.salt('right')] },
}

const otherCheckpoint = sign(
  checkpointDocument,
  { ...checkpoint, root: made.digest('other root'), head: made.digest('other head') },
  coordinators[0],
)
const [lower, higher] =
  checkpointId(signedCheckpoint) < checkpointId(otherCheckpoint)
    ? [signedCheckpoint, otherCheckpoint]
    : [otherCheckpoint, signedCheckpoint]

/** The same coordinator with another head at the same size: the lower id comes first. */
export const fork: Fork = { one: lower, other: higher }

/** The end of the first epoch. */
export const seal: Seal = {
  v: 1,
  chain: home,
  epoch: 0,
  size: 12,
  head: made.digest('head'),
  successor: ids.successor,
  issued: now,
  signers: [ids.witness, ids.successor],
}
/** Signed by the two that are left. */
export const signedSeal = sign(sealDocument, seal, coordinators[1], coordinators[2])

/** A sign of life. */
export const beacon: Beacon = {
  v: 1,
  mesh: meshId(signedMesh),
  coordinator: ids.coordinator,
  chain: home,
  epoch: 0,
  size: 12,
  addresses: ['/ip4/192.0.2.1/tcp/4001'],
  openUnits: 1000,
  takesJobs: true,
  issued: now,
}

/** The same, signed. */
export const signedBeacon = sign(beaconDocument, beacon, coordinators[0])

function factOf(transfer: Transfer): Fact {
  const asked = { bond: bonding, depart: departure } as Readonly<Record<string, Request>>
  const request = asked[transfer.purpose.type]
  const fact = { type: 'transfer' as const, ...transfer }
  return request === undefined
    ? fact
    : { ...fact, request: sign(requestDocument, request, cast.ben) }
}

const departed: Entry = {
  v: 1,
  chain: home,
  epoch: 0,
  seq: 3,
  prev: made.digest('entry 2'),
  time: now,
  facts: [factOf(transfers.depart as Transfer)],
}

const referee = sign(
  receiptDocument,
  { ...receipt, node: ids.other, slot: 3, result: resultId(outOfFuel), salt: made.salt('referee') },
  cast.fay,
)

/** Every kind of fact. */
export const facts: readonly Fact[] = [
  {
    type: 'genesis',
    mesh: signedMesh,
    coordinator: ids.coordinator,
    nonce: made.nonce('genesis'),
  },
  signedRoster,
  signedRates,
  {
    type: 'node',
    node: ids.node,
    tier: 'cpu',
    platform: { os: 'linux', arch: 'arm64' },
  },
  { type: 'delegation', delegation: signedDelegation },
  { type: 'revocation', revocation: sign(revocationDocument, revocation, cast.eve) },
  { type: 'job', job: signedJob, priceMicro: 4000 },
  { type: 'receipt', ...execution, sealed: receiptId(signedReceipt) },
  {
    type: 'verdict',
    job: execution.job,
    unit: 0,
    decided: { type: 'accepted', outcome, agreeing: [0], referees: [], struck: [], banned: [] },
    receipts: [signedReceipt],
  },
  { type: 'verdict', job: execution.job, unit: 1, decided: { type: 'poisoned' }, receipts: [] },
  { type: 'reopen', job: execution.job, unit: 0 },
  {
    type: 'verdict',
    job: execution.job,
    unit: 0,
    decided: {
      type: 'accepted',
      outcome: outOfFuel,
      agreeing: [3],
      referees: [3],
      struck: [0],
      banned: [],
    },
    receipts: [referee],
  },
  { type: 'verdict', job: execution.job, unit: 2, decided: { type: 'split' }, receipts: [] },
  ...Object.values(transfers).map((transfer) => factOf(transfer)),
  { type: 'fences', below: 1_048_576 },
  { type: 'draw', next: made.digest('second seed'), shown: made.salt('first seed') },
  { type: 'cancel', request: sign(requestDocument, cancel, cast.ada) },
  {
    type: 'claim',
    seq: 3,
    entry: encode(entrySchema, departed),
    path: [made.salt('left'), made.salt('right')],
    checkpoint: signedCheckpoint,
    cosignatures: [signedCosignature],
  },
  { type: 'end', job: execution.job, as: 'final' },
  { type: 'seal', seal: signedSeal },
]

/** The first entry of a chain. */
export const firstEntry: Entry = {
  v: 1,
  chain: home,
  epoch: 0,
  seq: 0,
  prev: noEntry,
  time: now,
  facts: facts.slice(0, 1),
}

/** An entry in which much happened. */
export const fullEntry: Entry = {
  ...firstEntry,
  seq: 11,
  prev: made.digest('entry 10'),
  facts: facts.slice(1),
}
