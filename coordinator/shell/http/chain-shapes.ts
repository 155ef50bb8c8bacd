import {
  type Account,
  accountSchema,
  bool,
  type ChainId,
  type CoordinatorId,
  choice,
  digest,
  int,
  limits,
  list,
  optional,
  peerId,
  type Schema,
  struct,
  text,
} from '@nexapod/specs'

const count = int({ min: 0, max: Number.MAX_SAFE_INTEGER })
const micro = int({ min: -limits.microMax, max: limits.microMax, about: 'Micro-credits.' })
const line = (about: string) => text({ kind: 'line', max: limits.linesBytesMax, about })

/** Chains that are here: each member of the roster has few. */
export const chainsMax = limits.rosterMax * limits.chainsOfOneMax

/** Where a coordinator is. */
export const addresses = list(text({ kind: 'line', max: limits.addressBytesMax }), {
  max: 64,
  about: 'Where it can be dialled on the mesh.',
})

/** What is in an account by the chain that it is on. */
export const holdings = list(struct({ chain: digest<ChainId>(), micro }), {
  max: chainsMax,
  about: 'By chain: each is spent on its own.',
})

const move = struct({
  chain: digest<ChainId>(),
  seq: int({ min: 0, max: limits.entriesMax, about: 'The number of an entry.' }),
  time: int({ min: 0, max: limits.timeMsMax, about: 'Milliseconds since 1970 UTC.' }),
  micro: int({ min: -limits.microMax, max: limits.microMax, about: 'Below 0: it went out.' }),
  other: accountSchema as Schema<Account>,
  purpose: choice(['earn', 'fund', 'meter', 'refund', 'bond', 'settle', 'depart', 'arrive']),
})

const chain = struct({
  chain: digest<ChainId>(),
  role: choice(['own', 'adopted', 'followed']),
  epoch: count,
  coordinator: optional(peerId<CoordinatorId>({ about: 'Who writes it.' })),
  addresses,
  size: int({ min: 0, max: limits.entriesMax, about: 'Entries that are shown.' }),
  checkpointed: int({ min: 0, max: limits.entriesMax, about: 'Those below a checkpoint.' }),
  frozen: bool({ about: 'Whether it was forked.' }),
})

/** The answers of the API about chains, and what they come to. */
export const chainShapes = {
  Credit: struct({ account: accountSchema as Schema<Account>, micro, chains: holdings }),
  MovePage: struct({
    items: list(move, { max: limits.pageMax }),
    next: optional(line('A cursor.')),
  }),
  Ledger: chain,
  Chains: struct({ items: list(chain, { max: chainsMax }) }),
} as const
