import { refusalsOfBytes } from './of-bytes.ts'
import { later, ours, type Row, theirs } from './row.ts'

export type { Blame } from './row.ts'

/** Every refusal of the system: its code, whose fault it is, its HTTP status and its sentences. */
export const refusals = {
  ...refusalsOfBytes,

  'request.expired': theirs(
    400,
    'The request is past its time, or was issued in the future.',
    'Check the clock of your machine, then sign the request again.',
  ),
  'request.audience': theirs(
    421,
    'The request is for another chain or epoch.',
    'Send it to the coordinator that it names, or sign it for this one.',
  ),
  'request.replayed': theirs(
    409,
    'A request with this counter, or a later one, was already taken.',
    'Sign the request again with the next counter.',
  ),

  'request.signer': theirs(
    403,
    'That is not for this key to ask.',
    'Sign with the key it concerns.',
  ),

  'job.unsafe-path': theirs(
    400,
    'A path leaves its sandbox or could be read in two ways.',
    'Use a plain path below the directories that the message names.',
  ),
  'job.path-collision': theirs(
    400,
    'Two paths are the same, or one lies inside the other, on some file system.',
    'Rename one of the two.',
  ),
  'job.cycle': theirs(
    400,
    'Something in the descriptor refers to itself.',
    'Remove the reference that the message names.',
  ),
  'job.endless-sweep': theirs(
    400,
    'The sweep has no end, or more units than a job may have.',
    'Give the sweep an end within the limit, or publish several jobs.',
  ),
  'job.unknown-parameter': theirs(
    400,
    'A placeholder names no parameter of the sweep.',
    'Spell it as the message suggests, or add the parameter to the sweep.',
  ),
  'job.source': theirs(
    400,
    'A source is not one that a job can have.',
    'Use a relative path, ipfs://, https:// with #sha256=, or data:.',
  ),
  'job.unresolved-source': theirs(
    400,
    'A source was not turned into a CID before the job was signed.',
    'Add the file or directory first, then sign the job with its CID.',
  ),
  'job.conflict': theirs(
    409,
    'The publisher used this nonce for another job.',
    'Sign the new job with a nonce of its own.',
  ),
  'job.unknown': theirs(404, 'There is no such job here.', 'Check the id, or ask its home.'),
  'job.open': later(425, 'The job has not ended yet.', 'Wait until it has.'),
  'job.ended': theirs(409, 'The job has already ended.', 'Publish it again as a new job.'),
  'job.denied': theirs(
    403,
    'This coordinator does not take jobs like this one.',
    'Ask its operator.',
  ),
  'job.unfunded': theirs(
    402,
    'The job has no budget where one is needed, or one with which no unit can begin.',
    'Set a budget that does, or lower the limits of a unit in its resources.',
  ),
  'job.quota': later(
    429,
    'The publisher has as much open work as it may.',
    'Wait until some ends.',
  ),

  'lease.unknown': theirs(409, 'The lease was not given by this chain.', 'Drop the unit.'),
  'lease.fenced': theirs(409, 'The unit was leased again under a later fence.', 'Drop the unit.'),
  'receipt.mismatch': theirs(
    400,
    'Receipt, lease and manifest are not of one execution and result.',
    'Deliver each result with its own lease and receipt.',
  ),
  'receipt.conflict': theirs(409, 'Another receipt for this lease was taken.', 'Drop the receipt.'),

  'node.unknown': theirs(403, 'The node has not said hello on this stream.', 'Say hello first.'),
  'node.banned': theirs(403, 'The node or its owner is banned.', 'Ask the operator of the mesh.'),
  'node.suspended': later(
    403,
    'The node is suspended after mismatches.',
    'Run nexapod node doctor.',
  ),

  'node.locked': ours(
    503,
    'Another process runs the node in this directory.',
    'Stop it first, or use another directory.',
  ),
  'node.door': ours(
    503,
    'No node answers in this directory.',
    'Begin it with nexapod node up, or name its directory.',
  ),
  'limits.file': ours(
    500,
    'The file of the limits cannot be read or written.',
    'Take the right to that, or name another file with --limits.',
  ),
  'page.port': ours(
    503,
    'The page of the node cannot be opened.',
    'Name another port, or leave it out to have any.',
  ),
  'page.key': theirs(
    401,
    'The page does not have the key of this node, or has that of an earlier start.',
    'Open the address that nexapod node status prints.',
  ),
  'page.origin': theirs(
    403,
    'Another page asks, or the name in the address is not the one of the page.',
    'Open the address that nexapod node status prints.',
  ),
  'key.file': ours(
    500,
    'The key file does not hold a key, or others may read it.',
    'Restore it from a copy and take the rights of others away, or name another file.',
  ),
  'delegation.ended': theirs(
    403,
    'The delegation has expired, was revoked, or a later one took its place.',
    'Let owner and node sign a new one.',
  ),
  'credit.short': theirs(402, 'The account holds less than that.', 'Ask for less, or earn more.'),
  'proof.false': theirs(400, 'The proof does not lead to its root.', 'Ask for the proof again.'),

  'invitation.damaged': theirs(
    400,
    'The invitation is cut short, or a letter of it is another.',
    'Copy it again, from nexapod:// to its last letter.',
  ),

  'wire.message': theirs(400, 'The message has no place here.', 'Follow the protocol table.'),
  'wire.mesh': theirs(421, 'The other side belongs to another mesh.', 'Join with an invitation.'),
  'wire.deadline': later(408, 'The other side took too long.', 'Try again.'),
  'wire.rate': later(429, 'Too much was asked in too short a time.', 'Wait as long as told.'),
  'wire.full': later(503, 'A queue is full; nothing was taken.', 'Try again after the time given.'),
  'wire.unreachable': later(
    503,
    'Nobody with that key answers at any of its addresses.',
    'Try again later, or with another address.',
  ),
  'wire.cut': later(503, 'The stream broke.', 'Connect again, then say it again.'),
  'wire.closing': later(503, 'This coordinator is stopping.', 'Go to another coordinator.'),

  'data.form': theirs(
    400,
    'The data is no file or directory that this system reads.',
    'Add it again, as the specification of data says.',
  ),
  'data.too-large': theirs(
    413,
    'The data has more bytes, files or levels than it may have.',
    'Make it smaller, or cut it into parts.',
  ),
  'data.kind': theirs(
    400,
    'There is something that is neither file nor directory.',
    'Remove what the message names, or put the file itself there.',
  ),
  'data.false': theirs(
    400,
    'A provider sent bytes that are not those of the CID.',
    'Fetch it from another provider.',
  ),
  'data.unknown': theirs(404, 'There is no such data here.', 'Ask another provider.'),
  'data.missing': later(
    503,
    'No provider has all of the data.',
    'Try again when one of its providers is there.',
  ),
  'data.full': ours(
    507,
    'What must be kept leaves no room for more data.',
    'Lend more disk, or wait until units are decided.',
  ),

  'data.quota': later(
    429,
    'As much was uploaded from your address as is kept for one.',
    'Publish jobs that need it and wait for them, or add it on a machine of your own.',
  ),

  'bundle.missing': theirs(
    400,
    'A file of the results is not there.',
    'Ask for all of them again, from whoever has them.',
  ),
  'bundle.false': theirs(
    400,
    'A file of the results is not what their proof says.',
    'Do not use it; ask for all of them again, from whoever has them.',
  ),
  'bundle.rerun': theirs(
    400,
    'A unit gave something else when it was run again.',
    'Run it again on another machine; if it differs there too, tell the mesh.',
  ),

  'http.unknown': theirs(404, 'There is nothing at this address.', 'Look for it in /openapi.json.'),
  'http.method': theirs(
    405,
    'That cannot be done with what is at this address.',
    'Use one of the methods that the header allow names.',
  ),
  'http.media': theirs(
    415,
    'The body is of a type that is not taken here.',
    'Send one of the types that the message names, with its content-type.',
  ),
  'http.malformed': theirs(400, 'That is no request of HTTP/1.1.', 'Use a library for HTTP.'),
  'http.headers': theirs(431, 'The headers are too long.', 'Send fewer, or shorter ones.'),
  'http.broken': ours(
    500,
    'Something is broken here, and was noted down.',
    'Tell the operator the id of the request.',
  ),

  'chain.link': theirs(
    409,
    'The entry does not follow the one before.',
    'Fetch the chain again from the last entry that does.',
  ),
  'chain.roster': theirs(403, 'The roster has not agreed to it.', 'Let a quorum of it sign.'),
  'chain.checkpoint': theirs(
    409,
    'The checkpoint does not agree with the chain or the roster.',
    'Ask others for theirs; if two are signed, publish the fork.',
  ),

  'ledger.rule': theirs(
    409,
    'A fact breaks a rule of the ledger.',
    'Do not follow this chain beyond the entry before; tell its coordinator.',
  ),
  'ledger.unknown': theirs(404, 'There is no such entry here.', 'Ask for one below the size.'),
  'ledger.sealed': theirs(409, 'This epoch of the chain is sealed.', 'Go to its successor.'),
  'ledger.heard': theirs(
    409,
    'Who writes this chain is still heard, so its epoch is not ended.',
    'Ask again once it is silent.',
  ),
  'ledger.forked': ours(503, 'The chain is frozen: it was forked.', 'Read the fork proof.'),
  'ledger.stopped': ours(503, 'The ledger cannot write.', 'Tell the operator; nothing was taken.'),
  'ledger.damaged': ours(
    503,
    'The disk of the ledger holds other bytes than were written there.',
    'Run nexapod ledger repair with the chain of a follower.',
  ),
  'ledger.forgotten': ours(
    503,
    'The disk no longer holds what was promised to the other coordinators.',
    'Move this directory away, and do as deploy/operations.md says under "A disk is gone".',
  ),
  'ledger.behind': ours(
    503,
    'A witness has seen more of this chain than is here, so nothing is signed.',
    'Run nexapod ledger repair with the chain of that witness.',
  ),
  'ledger.unasked': later(
    503,
    'The witnesses have not said yet what they have seen of this chain.',
    'Ask them, then sign.',
  ),
  'ledger.locked': ours(
    503,
    'Another process has this ledger open.',
    'Stop it, or ask it instead of opening its directory.',
  ),
  'ledger.version': ours(
    503,
    'The directory holds no ledger that this version can read.',
    'Name another directory, or use the version that wrote it.',
  ),
  'ledger.other': ours(
    503,
    'The directory holds the ledger of another chain or mesh.',
    'Name the directory of this one.',
  ),
} as const satisfies Readonly<Record<string, Row>>

/** The name of a refusal. */
export type Code = keyof typeof refusals
