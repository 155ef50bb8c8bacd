import {
  bool,
  bytes,
  type ChainId,
  type Cid,
  type CoordinatorId,
  checkpointDocument,
  choice,
  cid,
  claimFields,
  cosignatureDocument,
  delegationDocument,
  digest,
  entrySchema,
  int,
  type JobId,
  jobDocument,
  limits,
  list,
  type MeshId,
  type NodeId,
  type OwnerId,
  oneOf,
  optional,
  orderDocument,
  outcomeSchema,
  type PublisherId,
  peerId,
  projectName,
  type ResultId,
  requestDocument,
  revocationDocument,
  type Schema,
  signedSchema,
  struct,
  text,
} from '@nexapod/specs'
import { type Reason, reasons } from '../../core/match/reasons.ts'
import { addresses, chainShapes } from './chain-shapes.ts'
import { ownerShapes } from './owner-shapes.ts'
import { nodeHours } from './register/by-node.ts'

const line = (about: string, max: number = limits.linesBytesMax) =>
  text({ kind: 'line', max, about })
const micro = int({ min: -limits.microMax, max: limits.microMax, about: 'Micro-credits.' })
const count = int({ min: 0, max: Number.MAX_SAFE_INTEGER })
const time = int({ min: 0, max: limits.timeMsMax, about: 'Milliseconds since 1970 UTC.' })
const seq = int({ min: 0, max: limits.entriesMax, about: 'The number of an entry.' })
const hashes = list(bytes({ size: 32 }), { max: limits.pathHashesMax })

/** A page of items; `next` is the cursor of the page behind it, if there is one. */
function page<T>(item: Schema<T>) {
  return struct({ items: list(item, { max: limits.pageMax }), next: optional(line('A cursor.')) })
}

const signedJob = signedSchema(jobDocument)
const signedRequest = signedSchema(requestDocument)
const signedDelegation = signedSchema(delegationDocument, 2)
const signedRevocation = signedSchema(revocationDocument)
const signedOrder = signedSchema(orderDocument)

const tally = struct({
  fit: count,
  against: list(
    struct({
      reason: choice(Object.keys(reasons) as Reason[]),
      words: line('The reason as a sentence.'),
      count,
      alone: count,
    }),
    { max: Object.keys(reasons).length },
  ),
})

const words = line('The same in a sentence.')
const ends = choice(['final', 'dead', 'cancelled'])

const waits = oneOf(
  {
    unknown: { words },
    ended: { as: ends, words },
    closing: { why: choice(['deadline', 'starved', 'split', 'cancelled']), words },
    parked: { reserved: micro, words },
    decided: { held: count, words },
    waits: { fresh: count, begun: count, nodes: tally, words },
    elsewhere: { coordinator: optional(peerId<CoordinatorId>()), addresses, words },
  },
  { about: 'Why nothing of a job is leased at the moment.' },
)

const idle = oneOf(
  {
    away: { words },
    leaving: { words },
    full: { held: count, words },
    rests: { until: int({ min: 0, max: Number.MAX_SAFE_INTEGER }), words },
    tried: { failed: count, words },
    waits: { jobs: tally, words },
  },
  { about: 'Why a node is given nothing at the moment.' },
)

const jobFields = {
  id: digest<JobId>(),
  chain: digest<ChainId>({ about: 'Its home: where it is decided.' }),
  seq: int({ min: 0, max: limits.entriesMax, about: 'The entry that it was admitted in.' }),
  time,
  publisher: peerId<PublisherId>(),
  name: line('What its publisher calls it.'),
  project: optional(projectName),
  units: count,
  accepted: count,
  dead: count,
  micro,
  state: choice(['open', 'final', 'dead', 'cancelled']),
  ended: optional(int({ min: 0, max: limits.entriesMax, about: 'The entry that it ended in.' })),
}
const job = struct(jobFields)

const unit = struct({
  unit: count,
  state: choice(['waiting', 'open', 'accepted', 'poisoned', 'expired', 'split', 'cancelled']),
  seq: optional(int({ min: 0, max: limits.entriesMax, about: 'The entry of its last verdict.' })),
  leased: optional(count),
  ballots: optional(count),
})

const result = struct({
  unit: count,
  seq,
  result: digest<ResultId>(),
  outcome: outcomeSchema,
  nodes: list(peerId<NodeId>(), {
    max: limits.slotsMax,
    about: 'Who agreed, as far as this verdict opened their receipts: they have the outputs.',
  }),
})

const record = struct({ vouched: count, passes: count, strikes: count })

const node = struct({
  id: peerId<NodeId>(),
  owner: peerId<OwnerId>(),
  platform: line('System and architecture.'),
  stage: choice([
    'unregistered',
    'registered',
    'pending',
    'available',
    'busy',
    'executing',
    'complete',
  ]),
  leases: count,
  idle,
  reputation: struct({ wasm: optional(record), docker: optional(record) }),
})

const worked = {
  agreed: int({
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    about: 'Results that a verdict agreed with.',
  }),
  wrong: int({ min: 0, max: Number.MAX_SAFE_INTEGER, about: 'Results that were found wrong.' }),
  micro: int({
    min: -limits.microMax,
    max: limits.microMax,
    about: 'Earned with it, and not lost.',
  }),
}

const owned = struct({
  id: peerId<NodeId>(),
  until: int({ min: 0, max: limits.timeMsMax, about: 'When its delegation expires.' }),
  ...worked,
  hours: list(struct({ hour: count, ...worked }), {
    max: nodeHours,
    about: 'Hours since 1970 UTC in which something was decided of it, the oldest first.',
  }),
  now: optional(node),
})

const project = struct({
  name: projectName,
  since: time,
  jobs: count,
  open: int({ min: 0, max: Number.MAX_SAFE_INTEGER, about: 'Jobs that have not ended.' }),
  units: count,
  accepted: count,
  micro,
})

const entry = struct({
  seq,
  hash: digest({ about: 'Its link, and its leaf in the tree.' }),
  bytes: bytes({ max: limits.entryBytesMax, about: 'As it stands on the disk.' }),
  entry: entrySchema,
})

const signedCheckpoint = signedSchema(checkpointDocument)
const checkpointFields = {
  checkpoint: signedCheckpoint,
  cosignatures: list(signedSchema(cosignatureDocument), { max: limits.rosterMax }),
}

const statusFields = {
  mesh: digest<MeshId>(),
  coordinator: peerId<CoordinatorId>(),
  chain: digest<ChainId>(),
  epoch: count,
  size: int({ min: 0, max: limits.entriesMax, about: 'Entries on the disk.' }),
  checkpointed: int({ min: 0, max: limits.entriesMax, about: 'Those below a checkpoint.' }),
  nodes: count,
  jobs: int({ min: 0, max: Number.MAX_SAFE_INTEGER, about: 'Jobs that have not ended.' }),
  leases: count,
  openUnits: count,
  draining: bool(),
  frozen: bool({ about: 'Whether its chain was forked: then nothing more is signed or taken.' }),
  addresses,
  invitation: text({ kind: 'line', max: limits.invitationBytesMax, about: 'To join the mesh.' }),
}

const refused = {
  code: line('Which refusal: a row of specs/refusal/refusal.md.'),
  at: optional(line('The place in what was sent.')),
  expected: optional(line('What was expected there.')),
}

/** Every answer of the API that has a shape of its own, by the name that it has in OpenAPI. */
export const shapes = {
  SignedJob: signedJob,
  SignedRequest: signedRequest,
  SignedDelegation: signedDelegation,
  SignedRevocation: signedRevocation,
  SignedOrder: signedOrder,
  Claim: struct({ to: digest<ChainId>(), ...claimFields }),
  SignedCheckpoint: signedCheckpoint,
  Outcome: outcomeSchema,
  Waits: waits,
  Idle: idle,
  Tally: tally,
  Job: job,
  JobPage: page(job),
  JobShown: struct({ ...jobFields, waits }),
  Published: struct({ job: digest<JobId>(), seq }),
  Done: struct({ seq: optional(seq) }),
  UnitPage: page(unit),
  ResultPage: page(result),
  Node: node,
  NodePage: page(node),
  OwnedPage: page(owned),
  ...ownerShapes,
  Project: project,
  ProjectPage: page(project),
  ...chainShapes,
  Entry: entry,
  EntryPage: page(entry),
  Checkpoint: struct(checkpointFields),
  Proof: struct({ seq, size: seq, entry: bytes({ max: limits.entryBytesMax }), path: hashes }),
  Extension: struct({ from: seq, size: seq, path: hashes }),
  Data: struct({
    cid: cid() as Schema<Cid>,
    bytes: count,
    until: int({ min: 0, max: limits.timeMsMax, about: 'Kept so long, or as a job needs it.' }),
  }),
  Status: struct(statusFields),
  Version: struct({ version: line('Of the program.'), api: line('Of this API.') }),
  Health: struct({ ok: bool() }),
  Refusal: struct({
    code: refused.code,
    fault: choice(['theirs', 'ours', 'later']),
    status: int({ min: 100, max: 599 }),
    title: line('What happened.'),
    todo: line('What to do now.'),
  }),
  Problem: struct({
    type: line('Where the refusal is explained.'),
    title: line('What happened.'),
    status: int({ min: 100, max: 599 }),
    detail: line('What, where, what was expected, what to do.'),
    instance: line('The id of the request.'),
    ...refused,
    fault: choice(['theirs', 'ours', 'later'], { about: 'Mend it, report it, or wait.' }),
    todo: line('What to do now.'),
    retryMs: optional(count),
    others: optional(list(struct(refused), { max: 32, about: 'What else is wrong with it.' })),
  }),
} as const
