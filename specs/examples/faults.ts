import type { Code } from '../refusal/refusals.ts'
import type { Json } from '../schema/schema.ts'
import { ids, made, now } from './cast.ts'
import { home } from './jobs.ts'
import { execution } from './work.ts'

/** A change that makes a valid example invalid: at which key, to what, and the refusal. */
export interface Spoiled {
  readonly name: string
  /** Which example; the first if not said. */
  readonly of?: string
  /** Keys and indices from the top. */
  readonly at: readonly (string | number)[]
  readonly to: Json
  readonly code: Code
}

function spoil(name: string, at: Spoiled['at'], to: Json, code: Code, of?: string): Spoiled {
  return { name, at, to, code, ...(of === undefined ? {} : { of }) }
}

const day = 86_400_000

/** What no schema of a single key can refuse, by kind of document. */
export const spoiled: Readonly<Record<string, readonly Spoiled[]>> = {
  'canonical-job': [
    spoil('it expires before it is issued', ['expires'], now - 1, 'document.rule'),
    spoil('a deadline before it is issued', ['deadline'], now - 1, 'document.rule', 'a sweep'),
    spoil('a file in place of a directory', ['outputs', 0, 'path'], '/out', 'job.unsafe-path'),
    spoil('a path out of the sandbox', ['outputs', 0, 'path'], '/etc/x', 'job.unsafe-path'),
    spoil('a path with ..', ['outputs', 0, 'path'], '/out/../x', 'job.unsafe-path'),
    spoil('output into an input', ['executors', 0, 'stdout'], '/in/x', 'job.unsafe-path'),
    spoil('reads what it writes', ['executors', 0, 'stdin'], '/out/hello.txt', 'job.cycle'),
    spoil('parameters out of order', ['sweep', 0, 'name'], 'zeta', 'document.rule', 'a sweep'),
    spoil('a sweep too long', ['sweep', 1, 'count'], 10_000_000, 'job.endless-sweep', 'a sweep'),
    spoil('a step of 0', ['sweep', 1, 'step'], 0, 'job.endless-sweep', 'a sweep'),
    spoil('values beyond 2^53', ['sweep', 1, 'step'], 2 ** 52, 'document.rule', 'a sweep'),
    spoil(
      'an unknown parameter',
      ['inputs', 2, 'from', 'text'],
      '{{x}}',
      'job.unknown-parameter',
      'a sweep',
    ),
    spoil(
      'a way out of a CID',
      ['inputs', 0, 'from', 'below'],
      '../{{seed}}',
      'job.unsafe-path',
      'a sweep',
    ),
    spoil('a quorum too large', ['replicas', 'quorum'], 7, 'document.rule', 'a sweep'),
    spoil('an input twice', ['inputs', 3, 'path'], '/IN/run.txt', 'job.unsafe-path', 'a sweep'),
    spoil(
      'paths that differ in case',
      ['inputs', 3, 'path'],
      '/in/RUN.txt',
      'job.path-collision',
      'a sweep',
    ),
    spoil(
      'an image by tag',
      ['executors', 0, 'image'],
      'debian:12',
      'document.form',
      'a container',
    ),
  ],
  delegation: [
    spoil('it never ends', ['expires'], now + 1000 * day, 'document.rule'),
    spoil('it ends before it begins', ['expires'], now - 1, 'document.rule'),
  ],
  order: [
    spoil('valid for a day', ['expires'], now + day, 'document.rule'),
    spoil('it ends before it begins', ['expires'], now - 1, 'document.rule'),
    spoil('an order that is none', ['order'], 'stop', 'document.choice'),
  ],
  offer: [spoil('a tier without accelerators', ['tier'], 'gpu', 'document.rule')],
  lease: [
    spoil('fence 0', ['fence'], 0, 'document.bounds'),
    spoil('an unbounded lease', ['leaseMs'], 30 * day, 'document.bounds'),
  ],
  receipt: [spoil('a unit beyond any sweep', ['unit'], 10_000_000, 'document.bounds')],
  outcome: [
    spoil('an output out of the sandbox', ['outputs', 0, 'path'], '/proc/self', 'job.unsafe-path'),
    spoil('a killed unit', ['ended', 'type'], 'killed', 'document.choice'),
  ],
  transfer: [
    spoil('to itself', ['to'], 'mint', 'document.rule'),
    spoil('a bond out of nowhere', ['from'], 'mint', 'document.rule', 'bond'),
    spoil('an earning straight to an owner', ['to'], `owner/${ids.owner}`, 'document.rule'),
    spoil('a unit beyond any sweep', ['to'], `hold/${made.job('x')}/10000000/0`, 'document.form'),
    spoil('into another slot', ['to'], `hold/${execution.job}/0/10`, 'document.rule'),
    spoil(
      'over the wrong bridge',
      ['to'],
      `bridge/${home}/${made.chain('x')}`,
      'document.rule',
      'depart',
    ),
    spoil('nothing', ['micro'], 0, 'document.bounds'),
    spoil('a debt', ['micro'], -5, 'document.bounds'),
    spoil('an account of no kind', ['to'], 'bank/me', 'document.form'),
    spoil(
      'an account of a key that is none',
      ['to'],
      `owner/12D3KooW${'z'.repeat(44)}`,
      'document.form',
    ),
  ],
  mesh: [
    spoil('a quorum that two liars can have', ['quorum'], 1, 'document.rule'),
    spoil('a quorum of more than all', ['quorum'], 4, 'document.rule'),
    spoil('an address that is none', ['bootstrap', 0], 'example.org:4001', 'document.form'),
  ],
  invitation: [
    spoil(
      'nobody who can be dialled',
      ['members', 0, 'addresses'],
      [],
      'document.rule',
      'to one that can be dialled',
    ),
    spoil('an address that is none', ['members', 0, 'addresses', 0], 'x:1', 'document.form'),
    spoil('a name in capitals', ['name'], 'Example', 'document.form'),
    spoil('no members', ['members'], [], 'document.bounds'),
  ],
  request: [
    spoil('valid for a day', ['expires'], now + day, 'document.rule'),
    spoil('counter 0', ['counter'], 0, 'document.bounds'),
  ],
  refusal: [spoil('a code that is none', ['code'], 'job.no', 'document.choice')],
  checkpoint: [spoil('of nothing', ['size'], 0, 'document.bounds')],
  entry: [spoil('without facts', ['facts'], [], 'document.bounds')],
  'signed-receipt': [
    spoil('unsigned', ['signatures'], [], 'document.bounds'),
    spoil('in a batch too large', ['batch', 'size'], 257, 'document.bounds', 'number 0'),
  ],
  fact: [
    spoil('slots out of order', ['decided', 'agreeing'], [1, 0], 'document.rule', 'number 8'),
    spoil('a strike twice', ['decided', 'struck'], [0, 0], 'document.rule', 'number 11'),
    spoil('an outcome of nobody', ['decided', 'agreeing'], [], 'document.bounds', 'number 8'),
    spoil(
      'credit that moves as it will',
      ['to'],
      `owner/${ids.owner}`,
      'document.rule',
      'number 13',
    ),
    spoil('of no kind', ['type'], made.digest('x').slice(0, 8), 'document.choice'),
  ],
}
