import {
  choice,
  digest,
  int,
  type JobId,
  limits,
  list,
  type NodeId,
  type OwnerId,
  optional,
  peerId,
  projectName,
  struct,
  text,
} from '@nexapod/specs'
import { holdings } from './chain-shapes.ts'

const count = int({ min: 0, max: Number.MAX_SAFE_INTEGER })
const line = (about: string) => text({ kind: 'line', max: limits.linesBytesMax, about })
const earned = (about: string) => int({ min: 0, max: limits.microMax, about })
const either = int({ min: -limits.microMax, max: limits.microMax })
const time = int({ min: 0, max: limits.timeMsMax, about: 'Milliseconds since 1970 UTC.' })
const place = optional(int({ min: 1, max: Number.MAX_SAFE_INTEGER, about: 'From 1 on.' }))

/** Days that are told at once: the squares of a year, and the weeks at its ends. */
export const daysMax = 380

/** Teams, or countries, that are told at once. */
export const groupsMax = 300

const said = {
  name: optional(line('What it wants to be shown as. It proves nothing.')),
  country: optional(line('Where it says that it is.')),
  team: optional(line('Whom it says that it is with.')),
}

const leader = struct({
  rank: count,
  id: peerId<OwnerId>(),
  ...said,
  micro: earned('Earned in the range, pending included; in all, by the recent average.'),
  recentMicro: earned('The recent average: for each day, with a half-life of a week.'),
  climbs: optional(
    int({
      min: Number.MIN_SAFE_INTEGER,
      max: Number.MAX_SAFE_INTEGER,
      about: 'How many places it is higher in the shorter of two ranges than in the longer one.',
    }),
  ),
})

const meeting = optional(
  struct({ id: peerId<OwnerId>(), ...said, rank: count, gapMicro: earned('In all.'), time }),
)

const badge = struct({
  kind: choice(['credits', 'streak', 'jobs', 'years']),
  level: int({ min: 1, max: Number.MAX_SAFE_INTEGER, about: 'What was reached.' }),
  words: line('The same for people.'),
})

const owner = struct({
  id: peerId<OwnerId>(),
  ...said,
  since: time,
  micro: earned('All that it has earned and not lost.'),
  pending: earned('Of that: until its audits are over.'),
  bonded: earned('Of that: until its nodes have shown more.'),
  balance: earned('What it can spend, on all chains.'),
  balances: holdings,
  recentMicro: earned('The recent average: for each day, with a half-life of a week.'),
  lately: struct({ day: either, week: either, month: either }),
  places: struct({ all: place, month: place, week: place, day: place, recent: place }),
  owners: int({ min: 0, max: Number.MAX_SAFE_INTEGER, about: 'All who have earned something.' }),
  nodes: list(peerId<NodeId>(), { max: limits.pageMax, about: 'By delegations that hold.' }),
  jobs: int({ min: 0, max: Number.MAX_SAFE_INTEGER, about: 'Those that it has earned with.' }),
  streak: struct({ now: count, longest: count }),
  badges: list(badge, { max: 8 }),
  passes: meeting,
  passedBy: meeting,
})

const helped = struct({
  id: digest<JobId>(),
  name: line('What its publisher calls it.'),
  project: optional(projectName),
  state: choice(['open', 'final', 'dead', 'cancelled']),
  micro: earned('What it earned with it.'),
})

const group = { owners: count, micro: earned('What they have earned in all.') }

/** The answers of the API about owners. */
export const ownerShapes = {
  LeaderPage: struct({
    items: list(leader, { max: limits.pageMax }),
    owners: int({ min: 0, max: Number.MAX_SAFE_INTEGER, about: 'Owners on this board.' }),
    next: optional(line('The place of the page behind it.')),
  }),
  Owner: owner,
  Said: struct(said),
  Days: struct({
    before: earned('What was earned before the first of these days.'),
    items: list(struct({ day: count, micro: either }), {
      max: daysMax,
      about: 'Days since 1970 UTC on which something was earned or lost, the oldest first.',
    }),
  }),
  HelpedPage: struct({
    items: list(helped, { max: limits.pageMax }),
    next: optional(line('A cursor.')),
  }),
  Teams: struct({ items: list(struct({ team: line('A team.'), ...group }), { max: groupsMax }) }),
  Countries: struct({
    items: list(struct({ country: line('By ISO 3166-1.'), ...group }), { max: groupsMax }),
    others: int({
      ...{ min: 0, max: Number.MAX_SAFE_INTEGER },
      about: 'Owners in countries of too few to be named.',
    }),
  }),
} as const
