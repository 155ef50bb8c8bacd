import {
  adapts,
  colludes,
  computes,
  computesOn,
  copies,
  gambles,
  givesUp,
  liesAlike,
  liesAlone,
  slanders,
} from './behaviour.ts'
import type { Kind } from './member.ts'
import { type Options, plain } from './options.ts'

/** What may come of an attack at most, in the mean of its seeds; and nobody honest is banned. */
interface Bar {
  /** The share of final units whose result is wrong. */
  readonly wrong: number
  /** Executions for each unit. */
  readonly redundancy: number
}

/** Who is in a mesh beside the honest, and what else is different. */
export interface Attack {
  readonly about: string
  readonly bar: Bar
  /** What a control has to show: ten times as much wrong as its bar, or somebody honest banned. */
  readonly mustFail?: 'wrong' | 'honest'
  readonly honest: Kind
  readonly others: readonly { readonly kind: Kind; readonly share: number }[]
  readonly options: Partial<Options>
}

/** How often honest machines err. */
const errs = 1e-4
const anchor = 100
/** From here on a node is believed alone. */
const alone = 1577

const kinds = {
  honest: { behaviour: computes(errs), honest: true },
  faulty: { behaviour: computes(1e-3), honest: true },
  quitters: { behaviour: givesUp(0.5), honest: true },
  liars: { behaviour: liesAlone(0.5, 0), honest: false },
  alike: { behaviour: liesAlike(0), honest: false },
  sleepers: { behaviour: liesAlike(anchor), honest: false },
  ring: { behaviour: colludes(1), honest: false },
  'lazy-ring': { behaviour: colludes(0.03), honest: false },
  'slow-ring': { behaviour: colludes(0.01), honest: false },
  fives: { behaviour: colludes(1), honest: false, ringOf: 5 },
  pairs: { behaviour: colludes(1), honest: false, ringOf: 2 },
  'one-network': { behaviour: colludes(1), honest: false, isOneNetwork: true },
  gamblers: { behaviour: gambles(0.3, anchor), honest: false },
  adaptive: { behaviour: adapts(0.3, anchor), honest: false },
  slanderers: { behaviour: slanders(anchor), honest: false },
  copycats: { behaviour: copies(errs), honest: false },
  'platform-ring': { behaviour: colludes(1), honest: false, platforms: ['bsd-x86'] },
  'platform-liars': { behaviour: liesAlike(0), honest: false, platforms: ['bsd-x86'] },
  'sleepers-alone': { behaviour: liesAlone(1, alone), honest: false },
  'slow-alone': { behaviour: liesAlone(0.01, alone), honest: false },
  'slower-alone': { behaviour: liesAlone(0.002, alone), honest: false },
} as const satisfies Readonly<Record<string, Omit<Kind, 'name'>>>

type Name = keyof typeof kinds

function kindOf(name: Name): Kind {
  return { name, ...kinds[name] }
}

/** Where one may be enough, nothing is better than the rate at which honest machines err. */
function barOf({ owners, reenter }: Partial<Options>): Bar {
  if (owners === 1) return { wrong: 2.5e-4, redundancy: 1.55 }
  return reenter ? { wrong: 2e-4, redundancy: 2.45 } : { wrong: 1e-4, redundancy: 2.3 }
}

/** A fifth of the nodes are of these kinds, as many of each. */
function fifth(about: string, names: readonly Name[], options: Partial<Options> = {}): Attack {
  const others = names.map((name) => ({ kind: kindOf(name), share: 0.2 / names.length }))
  return { about, bar: barOf(options), honest: kindOf('honest'), others, options }
}

const mixed: readonly Name[] = ['liars', 'alike', 'sleepers', 'ring', 'pairs', 'copycats']
const back = { reenter: true } as const
const single = { owners: 1, units: 4_000_000 } as const
const broken: Kind = {
  name: 'honest',
  behaviour: computesOn(errs, 'linux-arm', 10),
  honest: true,
}

/** Against two owners who agree. */
const twofold: Readonly<Record<string, Attack>> = {
  none: fifth('all are honest', []),
  faulty: fifth('honest, but err ten times as often', ['faulty']),
  quitters: fifth('honest, but give up half of the time', ['quitters']),
  liars: fifth('half of the time a lie of their own', ['liars']),
  alike: fifth('always the same lie', ['alike']),
  sleepers: fifth('the same lie once they are anchors', ['sleepers']),
  ring: fifth('lie where all that are asked are of the ring', ['ring']),
  'lazy-ring': fifth('the same, on one unit in 33', ['lazy-ring']),
  'slow-ring': fifth('the same, on one unit in 100', ['slow-ring']),
  fives: fifth('rings of five', ['fives']),
  'one-network': fifth('a ring in one network', ['one-network']),
  pairs: fifth('rings of two', ['pairs']),
  gamblers: fifth('lie first, and stand by each other', ['gamblers']),
  'gamblers-in-turn': fifth('the same, where nodes are asked in turn', ['gamblers'], {
    turns: 'always',
  }),
  adaptive: fifth('a ring while nodes are asked together, gamblers in turn', ['adaptive']),
  slanderers: fifth('contradict as referees', ['slanderers']),
  copycats: fifth('gamblers, and nodes that copy what they can read', ['gamblers', 'copycats'], {
    turns: 'always',
  }),
  'platform-ring': fifth('a ring with a platform of its own', ['platform-ring']),
  'platform-liars': fifth('always the same lie, on a platform of their own', ['platform-liars']),
  'platform-fault': { ...fifth('one platform errs in a tenth of all jobs', []), honest: broken },
  mixed: fifth('six kinds of them', mixed),
}

/** The same, and whoever is caught is back at once under a new key. */
const reentering: Readonly<Record<string, Attack>> = Object.fromEntries(
  ['liars', 'alike', 'sleepers', 'ring', 'lazy-ring', 'slow-ring', 'fives', 'pairs', 'gamblers']
    .concat('gamblers-in-turn', 'adaptive', 'slanderers', 'copycats', 'mixed')
    .map((name) => {
      const attack = twofold[name] as Attack
      const options = { ...attack.options, ...back }
      return [`${name}-back`, { ...attack, options, bar: barOf(options) }]
    }),
)

/** Against jobs where one result may be enough. */
const alonely: Readonly<Record<string, Attack>> = {
  'single-none': fifth('all are honest', [], single),
  'single-liars': fifth('half of the time a lie of their own', ['liars'], single),
  'single-sleepers': fifth('lie once they are believed alone', ['sleepers-alone'], single),
  'single-slow': fifth('the same, on one unit in 100', ['slow-alone'], single),
  'single-copycats': fifth('alone, and copycats', ['sleepers-alone', 'copycats'], single),
  'single-slower': fifth('the same, on one unit in 500', ['slower-alone'], single),
}

const never = { turns: 'never', reverify: false } as const

/** What has to be seen to fail. */
const controls: Readonly<Record<string, Attack>> = {
  'control-not-again': {
    ...fifth('a ring; nothing is verified again', ['ring'], { ...back, ...never }),
    mustFail: 'wrong',
  },
  'control-quorum': {
    ...fifth('a ring; a plain quorum of two', ['ring'], {
      ...back,
      ...never,
      audit: 0,
      replicas: { quorum: 2, max: 8 },
    }),
    mustFail: 'wrong',
  },
  'control-open': {
    ...fifth('gamblers and copycats; receipts are open', ['gamblers', 'copycats'], {
      turns: 'always',
      sealed: false,
    }),
    mustFail: 'honest',
  },
}

/** Every attack by its name. */
export const attacks: Readonly<Record<string, Attack>> = {
  ...twofold,
  ...reentering,
  ...alonely,
  ...controls,
}

/** The attack of a name. */
export function attackOf(name: string): Attack {
  const attack = attacks[name]
  if (attack === undefined) throw new Error(`no attack is called ${name}`)
  return attack
}

/** The options of an attack, where nothing else is said. */
export function optionsOf(attack: Attack, said: Partial<Options>): Options {
  return { ...plain, ...attack.options, ...said }
}
