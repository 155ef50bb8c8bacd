import {
  bool,
  choice,
  constant,
  type Infer,
  int,
  limits,
  list,
  namedImage,
  optional,
  type PublisherId,
  peerId,
  projectName,
  struct,
  text,
  tier,
} from '@nexapod/specs'

/** The days of a week, as hours name them. */
export const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

const clock = text({
  pattern: '^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$',
  name: 'a time such as 08:30',
  max: 5,
})

const use = struct({
  cores: int({ min: 0, max: limits.coresMax, about: 'How many cores are lent; 0 for none.' }),
  cpuPercent: int({ min: 1, max: 100, about: 'Of each lent core.' }),
  ramBytes: int({ min: 0, max: limits.storageBytesMax }),
})

const transferBytes = int({ min: 0, max: limits.storageBytesMax })

/** The schema of an owner's limits: what a file of them may say. */
export const limitsSchema = struct({
  v: constant(1),
  inUse: use,
  idle: use,
  idleAfterMs: int({
    min: 0,
    max: 24 * 3_600_000,
    about: 'How long nobody has touched the machine when it counts as idle.',
  }),
  onReturn: choice(['freeze', 'abort', 'finish'], {
    about: 'What happens to units that run when less is lent than they use.',
  }),
  hours: list(
    struct({
      days: list(choice(days), { min: 1, max: days.length }),
      from: clock,
      to: clock,
    }),
    { max: limits.hoursMax, about: 'When it lends, by its own clock; none means always.' },
  ),
  battery: optional(
    struct(
      { percentMin: int({ min: 0, max: 100 }) },
      { about: 'It also lends on its battery, down to this. Left out: on mains alone.' },
    ),
  ),
  metered: bool({ about: 'Whether it fetches over a network that is paid for by volume.' }),
  celsiusMax: optional(int({ min: 30, max: 120, about: 'The hottest that it may get.' })),
  diskBytes: int({ min: 0, max: limits.storageBytesMax }),
  transfers: struct(
    { downBytesMax: optional(transferBytes), upBytesMax: optional(transferBytes) },
    { about: 'In a day.' },
  ),
  programs: list(text({ kind: 'line', min: 1, max: limits.lineBytesMax }), {
    max: limits.programsMax,
    about: 'Nothing is computed while one of these runs: games, recordings.',
  }),
  projects: list(projectName, {
    max: limits.offerListMax,
    about: 'These alone; none means all.',
  }),
  publishers: list(peerId<PublisherId>(), {
    max: limits.offerListMax,
    about: 'Jobs of these alone; none means all.',
  }),
  avoids: struct({
    projects: list(projectName, { max: limits.offerListMax }),
    publishers: list(peerId<PublisherId>(), { max: limits.offerListMax }),
  }),
  executors: struct({
    wasm: bool(),
    docker: bool(),
    anyImage: bool({ about: 'Whether images that are not on the list may run.' }),
    images: list(
      text({
        pattern: namedImage,
        name: 'an image by name and digest',
        max: limits.imageBytesMax,
      }),
      { max: limits.imagesMax },
    ),
  }),
  tiers: list(tier, { min: 0, max: 3, about: 'What it may be lent as.' }),
  gpus: int({ min: 0, max: limits.gpusMax, about: 'How many accelerators are lent.' }),
  owner: struct({
    remote: bool({ about: 'Whether its owner may pause, resume and finish it from afar.' }),
  }),
})

/** What the owner of a node lends, and when. */
export type Limits = Infer<typeof limitsSchema>
