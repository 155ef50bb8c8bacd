interface Row {
  /** For the volunteer: why is this node idle? */
  readonly node: string
  /** For the publisher: why is this job waiting? */
  readonly job: string
}

/**
 * Every reason why a node is given no unit of a job, in its two sentences. A match looks in the
 * order of the rows and says the first; the last ones are of the queue.
 */
export const reasons = {
  full: {
    node: 'It takes no more units now: it is paused, or holds as many as it lends.',
    job: 'The node takes no more units now.',
  },
  executor: {
    node: 'Open units need a kind of executor that it does not offer.',
    job: 'The node does not offer the kind of executor that the job needs.',
  },
  image: {
    node: 'Open units run images that its owner has not allowed.',
    job: 'The owner of the node has not allowed an image of the job.',
  },
  project: {
    node: 'No open unit is of the projects that it computes for.',
    job: 'The node computes for other projects alone.',
  },
  publisher: {
    node: 'No open unit is of a publisher that it computes for.',
    job: 'The node computes for other publishers alone.',
  },
  'avoided-project': {
    node: 'Open units are of projects that its owner avoids.',
    job: 'The owner of the node avoids the project of the job.',
  },
  'avoided-publisher': {
    node: 'Open units are of publishers that its owner avoids.',
    job: 'The owner of the node avoids the publisher of the job.',
  },
  tier: {
    node: 'Open units need an accelerator, and it is lent in the tier cpu.',
    job: 'The job needs an accelerator, and the node is lent in the tier cpu.',
  },
  gpus: {
    node: 'Open units need more accelerators than it lends.',
    job: 'The node lends fewer accelerators than a unit needs.',
  },
  'gpu-memory': {
    node: 'Open units need accelerators with more memory than it lends.',
    job: 'The accelerators of the node have less memory than a unit needs.',
  },
  cores: {
    node: 'Open units need more cores than it lends.',
    job: 'The node lends fewer cores than a unit needs.',
  },
  memory: {
    node: 'Open units need more memory than it lends.',
    job: 'The node lends less memory than a unit needs.',
  },
  disk: {
    node: 'Open units need more disk than it lends.',
    job: 'The node lends less disk than a unit needs.',
  },
  window: {
    node: 'Open units take longer than it expects to be there.',
    job: 'A unit takes longer than the node expects to be there.',
  },
  platform: {
    node: 'Open units wait for nodes of another platform.',
    job: 'Open units of the job wait for nodes of another platform.',
  },
  trust: {
    node: 'Open units wait for nodes that have shown more.',
    job: 'Open units of the job wait for nodes that have shown more.',
  },
  empty: {
    node: 'No unit is open.',
    job: 'Every unit of the job is leased or decided.',
  },
  apart: {
    node: 'Its owner, or its network, has a part in each open unit already.',
    job: 'The owner of the node, or its network, has a part in each open unit already.',
  },
  tail: {
    node: 'The last units of a job wait a moment for faster nodes.',
    job: 'The last units of the job wait a moment for faster nodes.',
  },
  rest: {
    node: 'It gave back, or let end, more units than it delivered, and has to wait for a while.',
    job: 'The node gave back too many units, and has to wait for a while.',
  },
  turn: {
    node: 'There are more open units than could be looked at; the next ask goes on from there.',
    job: 'Nodes fit, and it is the turn of other jobs.',
  },
} as const satisfies Readonly<Record<string, Row>>

/** The code of a reason. */
export type Reason = keyof typeof reasons

/** Who asks why: whoever lends the node, or whoever published the job. */
export type Reader = keyof Row

/** A reason in the words for its reader. */
export function tell(reason: Reason, reader: Reader): string {
  return reasons[reason][reader]
}
