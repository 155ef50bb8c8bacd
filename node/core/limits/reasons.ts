interface Row {
  /** Why nothing runs. */
  readonly what: string
  /** What the owner can do about it, if anything. */
  readonly todo: string
}

/** Every reason for which a node is idle: its code and its sentences. */
export const reasons = {
  paused: { what: 'The owner paused the node.', todo: 'Run nexapod node resume.' },
  finishing: { what: 'The node was told to finish.', todo: 'Start it again to lend again.' },
  hours: { what: 'It lends at other hours.', todo: 'Wait, or change the hours.' },
  battery: {
    what: 'It is on its battery, as far as it can tell.',
    todo: 'Plug it in, or let it lend on its battery.',
  },
  temperature: {
    what: 'It is too warm, or cannot tell how warm it is.',
    todo: 'Wait, or raise the limit, or leave it out where there is no sensor.',
  },
  program: {
    what: 'A program runs that it must not disturb, or the programs cannot be seen.',
    todo: 'End the program, or take it off the list.',
  },
  'in-use': {
    what: 'Somebody uses the machine, as far as it can tell, and nothing is lent then.',
    todo: 'Leave it alone for a while, or lend a core while it is in use.',
  },
  cores: { what: 'The limits lend no core.', todo: 'Lend a core.' },
  executors: {
    what: 'None of the executors that it has is allowed.',
    todo: 'Allow wasm or docker.',
  },
  tier: { what: 'It may not be lent as what it is.', todo: 'Add its tier to the limits.' },
  memory: { what: 'No memory is left to lend.', todo: 'Close something, or lend more memory.' },
  disk: { what: 'No disk is left to lend.', todo: 'Make room, or lend more disk.' },
  metered: {
    what: 'The network is paid for by volume, as far as it can tell.',
    todo: 'Use another network, or let it fetch over this one.',
  },
  transfers: {
    what: 'It has fetched or sent as much today as it may.',
    todo: 'Wait until midnight, or raise the limit.',
  },
  spool: {
    what: 'It keeps as many receipts as it can, and waits for their verdicts.',
    todo: 'Wait; if it lasts, ask the operator of the coordinator.',
  },
  full: { what: 'It holds all the units that it can run.', todo: 'Wait.' },
  frozen: { what: 'Its units stand still until there is room for them.', todo: 'Wait.' },
  waiting: {
    what: 'Its units want more cores, memory or accelerators than are free.',
    todo: 'Wait, or lend more.',
  },
  fetching: { what: 'The data of its units is on its way.', todo: 'Wait.' },
  ending: { what: 'Its units are being ended.', todo: 'Wait.' },
  refused: {
    what: 'A coordinator refuses the node.',
    todo: 'Run nexapod node doctor.',
  },
  coordinator: { what: 'No coordinator answers.', todo: 'Check the network, or wait.' },
  asking: { what: 'It has asked for units and waits for an answer.', todo: 'Wait.' },
  'no-work': {
    what: 'No coordinator has a unit for it now.',
    todo: 'Wait, or lend more, or to more projects.',
  },
} as const satisfies Readonly<Record<string, Row>>

/** The name of a reason. */
export type ReasonCode = keyof typeof reasons

/** Why a node is idle: which reason, and what exactly. */
export interface Reason {
  readonly code: ReasonCode
  readonly detail?: string
}

/** A reason, with what it is about. */
export function reason(code: ReasonCode, detail?: string): Reason {
  return detail === undefined ? { code } : { code, detail }
}

/** A reason in words: what, and what to do. */
export function explainReason({ code, detail }: Reason): string {
  const { what, todo } = reasons[code]
  return detail === undefined ? `${what} ${todo}` : `${what} (${detail}) ${todo}`
}
