import { dataLimits } from './data/data-limits.ts'
import { keepingLimits } from './data/keeping-limits.ts'
import { compareLimits } from './job/compare-limits.ts'
import { day, hour, KiB, MiB, minute, second } from './measure.ts'
import { hostLimits } from './mesh/host-limits.ts'
import { containerLimits } from './offer/container-limits.ts'
import { senseLimits } from './offer/sense-limits.ts'
import { httpLimits } from './request/http-limits.ts'
import { wasmLimits } from './wasm/wasm-limits.ts'
import { channelLimits } from './wire/channel-limits.ts'
import { doorLimits } from './wire/door-limits.ts'

/**
 * Every bound of the system, its unit at the end of its name and its reason beside it. How they
 * hang together is asserted in limits.test.ts: change one and the test says what else must change.
 */
export const limits = {
  // ── documents ────────────────────────────────────────────────────────────────────────────────

  /** Levels of lists and maps in a document. Ours use 7; a deep one is an attack on a stack. */
  documentDepthMax: 16,
  /** 9999-12-31T23:59:59.999Z, the last instant that RFC 3339 can write. */
  timeMsMax: 253_402_300_799_999,
  /** Epochs of one chain: one for each failover. At one a minute this is for 30 years. */
  epochMax: 2 ** 24,
  /** Entries of one chain: at 100,000 a second this is for 1,400 years. */
  entriesMax: 2 ** 52,
  /** One line for people: a name, a tag. Longer names are cut on every screen. */
  lineBytesMax: 128,
  /** A short text for people. Two pages; more belongs into an input. */
  linesBytesMax: 4 * KiB,
  /** The place that a refusal names. */
  refusalAtBytesMax: 256,
  /** What a refusal says was expected. */
  refusalDetailBytesMax: 512,
  /** When to come back at the latest. A longer wait is a no. */
  retryMsMax: hour,

  // ── credit and fuel ──────────────────────────────────────────────────────────────────────────

  /**
   * Micro-credits in one transfer or account. Amounts are safe integers, exact in every language
   * and in JSON: at one credit for 10^12 fuel this is 285,000 years of one core on one chain.
   */
  microMax: Number.MAX_SAFE_INTEGER,
  /** Fuel of one unit: 6 days at 10^9 a second. That of all its attempts is a safe integer. */
  fuelMax: 2 ** 49,

  // ── a job ────────────────────────────────────────────────────────────────────────────────────

  /** A job in its canonical form. It rides in a request, with its envelope, and in an entry. */
  jobBytesMax: 48 * KiB,
  /** Lists and maps of a descriptor: some for each input, output and value of the largest. */
  descriptorMapsMax: 4096,
  /** Units of one job. Each costs the queue a bit; a sweep beyond this is a service, not a job. */
  sweepUnitsMax: 10_000_000,
  /** Parameters of a sweep. */
  sweepParametersMax: 8,
  /** Listed values of one parameter; more are a range, or an input that the unit indexes. */
  sweepValuesMax: 1024,
  /** One listed value. */
  sweepValueBytesMax: 256,
  /** Digits after the point in a range: with them every value of a range is a safe integer. */
  sweepDigitsMax: 9,
  /** Programs that run one after the other in a unit. TES allows a list; more are several jobs. */
  executorsMax: 8,
  /** Arguments of a program. */
  argumentsMax: 256,
  /** One argument or variable: what fits a path or a formula; data goes into inputs. */
  argumentBytesMax: 4 * KiB,
  /** Variables of a program. */
  variablesMax: 64,
  /** The name of a variable. */
  variableNameBytesMax: 64,
  /** Inputs of a job: a directory counts once. */
  inputsMax: 64,
  /** Outputs of a job: a directory counts once. */
  outputsMax: 64,
  /** Scratch directories that the programs of a unit share. */
  volumesMax: 16,
  /** An input that is written into the job itself. Larger ones travel by CID. */
  contentBytesMax: 16 * KiB,
  /** A source as people write it: a data URL holds the content in base 64. */
  sourceBytesMax: 24 * KiB,
  /** A path in the sandbox that a job names: all those of an outcome fit into an entry. */
  pathBytesMax: 512,
  /** Names in a path: the bound of the WASI host. */
  pathDepthMax: 32,
  /** One name in a path: what every file system takes. */
  pathNameBytesMax: 255,
  /** Tags of a job. */
  tagsMax: 32,
  /** The value of a tag: an address fits, so that what TES carries can be kept here. */
  tagBytesMax: 1024,
  /** Rules of comparison: one an output, and as many exceptions below them. */
  compareRulesMax: 128,
  /** A reference to an image with its digest. */
  imageBytesMax: 512,
  /** Priorities of a publisher's own jobs; the higher goes first. */
  priorityMax: 9,

  // ── what a unit may use ──────────────────────────────────────────────────────────────────────

  /** Cores, of the largest machine that people lend. */
  coresMax: 1024,
  /** Memory and disk: 64 TiB, beyond any machine that people lend. */
  storageBytesMax: 64 * 1024 * 1024 * MiB,
  /** Accelerators of one machine. */
  gpusMax: 16,
  /** Wall-clock time of one unit: volunteers switch off; what takes longer must be cut up. */
  unitMsMax: 7 * day,
  /** Wall-clock time of a unit that does not say: what an evening's volunteer can finish. */
  unitMsDefault: hour,
  /** Memory of a unit that does not say: fits twice into the smallest machine worth lending. */
  unitRamBytesDefault: 512 * 1000 * 1000,
  /** Disk of a unit that does not say. */
  unitDiskBytesDefault: 1000 * 1000 * 1000,
  /** Fuel of a unit that does not say: about an hour at 10^9 a second, rounded up. */
  unitFuelDefault: 4_000_000_000_000,

  // ── WebAssembly ──────────────────────────────────────────────────────────────────────────────

  ...wasmLimits,

  // ── containers ───────────────────────────────────────────────────────────────────────────────

  ...containerLimits,

  // ── verdicts ─────────────────────────────────────────────────────────────────────────────────

  /** Equal results that a job may ask for: every attempt's at most. */
  quorumMax: 8,
  /** Executions of one unit in all, after which it is dead: three owners alike and five slips. */
  attemptsMax: 8,
  /** Slots of a unit: an attempt each, and an audit for each. */
  slotsMax: 16,
  /** Receipts that a verdict can show: every attempt's. */
  verdictReceiptsMax: 16,

  // ── leases ───────────────────────────────────────────────────────────────────────────────────

  /** How long a lease holds without a renewal: long enough for three tries at one. */
  leaseMs: minute,
  /** Between renewals. */
  renewMs: 20 * second,
  /** Fences of a chain: every lease has its own, for 200 years at a million a second. */
  fenceMax: Number.MAX_SAFE_INTEGER,
  /** Units that a node may hold at once: cores and as many waiting for data. */
  leasesPerNodeMax: 2048,

  /** Between debits of a running container: the most that an empty escrow can still owe. */
  meterMs: minute,

  // ── nodes and owners ─────────────────────────────────────────────────────────────────────────

  /** How long a delegation may hold before the owner signs it again. */
  delegationMsMax: 2 * 366 * day,
  /** Fuel a second that a node may have measured: 1,000 times a fast core. */
  fuelPerSecondMax: 10 ** 12,
  /** Lists in an offer: projects and publishers wanted and unwanted, data already there. */
  offerListMax: 64,
  /** How long a node may say that it will be there. */
  windowMsMax: 31 * day,

  /** Coordinators that a node keeps a stream to: the second is there when the first goes. */
  coordinatorsDefault: 2,
  /** Coordinators that a node asks for units when those have none; more would only share them. */
  coordinatorsMax: 4,
  /** A stream that a node has no use for is closed after this: owners come and go in minutes. */
  lingerMs: 5 * minute,
  /** How long a stream must hold until the failures before it are forgotten. */
  steadyMs: minute,
  /** The first pause before something is tried again; each failure doubles it. */
  pauseMs: second,
  /** The first pause before a node asks who writes a chain that it has to do with; it doubles. */
  seekMs: 5 * second,
  /** Between two times that a node asks whether the roster has changed; half of it is drawn. */
  rosterMs: 10 * minute,
  /** The longest such pause: what is back after a night is found within minutes. */
  pauseMsMax: 5 * minute,
  /** Receipts that a node keeps until their verdicts: four a second for an hour. */
  receiptsKeptMax: 16 * 1024,
  /** Of these, on their way to one coordinator: what comes in there while it syncs once. */
  deliveriesMax: 256,
  /** Ended leases that a node remembers, so that none that is sent again begins anew. */
  leasesEndedMax: 4096,
  /** Jobs that a node remembers without a lease of theirs: the next lease is often of one. */
  jobsKnownMax: 16,
  /** What a node refuses on one stream before it closes it. */
  refusedMax: 16,
  /** Until a node has measured its executors: several times what the slowest machine takes. */
  probeMs: minute,
  /** How long a unit may stand still on a node: others could run it meanwhile. */
  stillMs: 30 * minute,
  /** The same where all who are there have voted: as long as a node takes to come back. */
  desertedMs: 30 * second,
  /** Units that a node holds beyond those that run: what it computes while it waits for a lease. */
  aheadMs: 10 * second,
  /** The same for each core at most: a lease is a tenth of a second away on a busy disk. */
  aheadPerCoreMax: 256,
  /** Spans of a week in which a node lends: four each day. */
  hoursMax: 28,
  /** Programs beside which a node does not compute. */
  programsMax: 64,
  /** Images that an owner allows one by one. */
  imagesMax: 64,
  ...senseLimits,

  // ── the mesh ─────────────────────────────────────────────────────────────────────────────────

  /** Coordinators of a mesh: all follow all, so the traffic grows with the square. */
  rosterMax: 24,
  /** Addresses of one coordinator: two families, three transports. */
  addressesMax: 6,
  /** One multiaddr: a relayed address with two PeerIds and two certificate hashes is about 250. */
  addressBytesMax: 256,

  ...hostLimits,

  // ── channels ─────────────────────────────────────────────────────────────────────────────────

  ...channelLimits,

  // ── a coordinator's process ──────────────────────────────────────────────────────────────────

  /** Messages that wait for their step: a second of a busy one. Then streams are not read. */
  pendingMessagesMax: 8192,
  /** Messages that one step takes, so that others come between: some milliseconds of work. */
  stepMessagesMax: 1024,
  /** Entries that may come of one step; without room for them on the disk none is taken. */
  stepEntriesMax: 2048,
  ...keepingLimits,
  ...compareLimits,

  /** How long a coordinator that ends waits for leases that are out: most units take less. */
  drainMs: minute,
  /** What a coordinator keeps of data: inputs and outputs of open jobs, and a cache. */
  coordinatorDataBytesMax: 100_000_000_000,
  /** How long a timer is wound for at the most: the library has 31 bits. */
  timerMsMax: day,

  // ── HTTP ─────────────────────────────────────────────────────────────────────────────────────

  ...httpLimits,

  // ── the ledger ───────────────────────────────────────────────────────────────────────────────

  /** Facts of one entry: a step that needs more makes several entries. */
  entryFactsMax: 64,
  /** One entry: a job, or a verdict with all its receipts. With its proof it fits an answer. */
  entryBytesMax: 60 * KiB,
  /** An entry that credit departs in: it is carried whole into the other chain. */
  claimEntryBytesMax: 4 * KiB,
  /** Entries that are synced at once: more make a write longer than the sync that it saves. */
  groupEntriesMax: 256,
  /** Entries that are written in one row: who reads one of them reads the row. */
  pageBytesMax: 256 * KiB,
  /** Entries that wait for their sync: at 20,000 a second a fifth of a second, then it is full. */
  pendingEntriesMax: 4096,
  /** The key of a row that is given with entries: a digest and what it is about. */
  rowKeyBytesMax: 128,
  /** The value of such a row: a receipt with all that the manifest of its unit may name. */
  rowBytesMax: 80 * KiB,
  /** Such rows at one time. Each is 200 bytes of memory, so that one that vanishes is missed. */
  rowsMax: 1_000_000,
  /** Checkpoints of its own that a store keeps: a later one proves all that an older one did. */
  checkpointsKeptMax: 1024,
  /** Snapshots of the state that a store keeps: the last, and the one before should it be bad. */
  snapshotsKeptMax: 2,
  /** One part of a snapshot: some thousand rows, or one of the longest. */
  snapshotPartBytesMax: MiB,
  /** Hashes of a Merkle path: the height of a tree of `entriesMax`, and one if it extends. */
  pathHashesMax: 53,
  /** The proof of a job: 2 KB a unit is half a million units. Who reads it has it in memory. */
  jobProofBytesMax: 1024 * MiB,

  // ── data ─────────────────────────────────────────────────────────────────────────────────────

  ...dataLimits,

  // ── the wire ─────────────────────────────────────────────────────────────────────────────────

  /** One request and one answer of a call. */
  requestBytesMax: 64 * KiB,
  /** One frame of a long-lived stream: some entries, or leases, at once. */
  frameBytesMax: 256 * KiB,
  /** One gossip message: checkpoints and beacons are far smaller, and every peer repeats them. */
  gossipBytesMax: 16 * KiB,
  /** Leases, receipts, renewals or acknowledgements in one frame. */
  perFrameMax: 64,
  /** Entries asked for at once. */
  entriesPerAskMax: 4096,
  /** How old a beacon may be: a coordinator that is gone must not look alive for longer. */
  beaconMsMax: 2 * minute,
  /** How long a request, or an order, may hold: no memory is needed to refuse a replay after. */
  requestMsMax: 5 * minute,
  /** How far two clocks may be apart before requests are refused. */
  clockSkewMs: minute,
  /** From the first byte to the end of a hello. */
  helloMs: 10 * second,
  /** From a request to its answer. */
  answerMs: 30 * second,
  /** Without a frame, after which a stream is closed. Renewals come more often. */
  idleMs: 30 * second,
  /** Who waits to be told why a job waits: at some milliseconds each, the last waits seconds. */
  whysWaitingMax: 64,
  ...doorLimits,
  /** Documents that one batch signature covers: a busy tick's receipts. */
  batchMax: 256,
  /** Hashes from a document to the root of its batch: the height of a tree of `batchMax`. */
  batchPathMax: 8,
} as const
