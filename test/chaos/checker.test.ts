import { describe, expect, test } from 'vitest'
import { check } from './checker.ts'
import type { Event, Happening, Noted } from './history.ts'

const [chain, other] = ['c'.repeat(64), 'd'.repeat(64)]
const job = 'a'.repeat(64)

/** A job of one unit that two nodes compute, from its admission to what they are paid. */
const facts: readonly Noted[] = [
  { f: 'job', job, publisher: 'pat' },
  { f: 'receipt', key: `${job}/0/1/0/7` },
  { f: 'receipt', key: `${job}/0/2/0/8` },
  {
    ...{ f: 'verdict', job, unit: 0, as: 'accepted', agreeing: [1, 2] },
    opened: [
      [1, 'ann'],
      [2, 'bob'],
    ],
  },
  moved('e1', 'earn', 'mint', `hold/${job}/0/1`),
  moved('e2', 'earn', 'mint', `hold/${job}/0/2`),
  moved('s1', 'settle', `hold/${job}/0/1`, 'owner/ann', 'e1'),
  moved('s2', 'settle', `hold/${job}/0/2`, 'owner/bob', 'e2'),
  { f: 'end', job, as: 'final' },
]

function moved(id: string, purpose: string, from: string, to: string, of?: string): Noted {
  const about = of === undefined ? {} : { of }
  return { f: 'transfer', id, purpose, from, to, micro: 100, ...about }
}

/** One entry for each fact, on a chain. */
function entries(of: readonly Noted[], on = chain): Happening[] {
  return of.map((fact, seq) => {
    return { type: 'entry', chain: on, epoch: 0, seq, hash: `${on[0]}${seq}`, facts: [fact] }
  })
}

const heard: readonly Happening[] = [
  { type: 'published', publisher: 'p0', job, chain, units: 1, ms: 5 },
  { type: 'acknowledged', node: 'n0', key: `${job}/0/1/0/7`, from: 'c0', epoch: 0 },
  { type: 'acknowledged', node: 'n1', key: `${job}/0/2/0/8`, from: 'c0', epoch: 0 },
  { type: 'read', from: 'c1', chain, epoch: 0, size: 4, head: 'c3', sum: 0 },
  { type: 'ended', publisher: 'p0', job, accepted: 1, dead: 0 },
  { type: 'stands', from: 'c2', chain, epoch: 0, size: 9, head: 'c8' },
]

/** Something begins or ends to happen to the first coordinator. */
function faulty(phase: 'begins' | 'ends', at: number): Event {
  return { at, phase, type: 'fault', number: 0, kind: 'full', on: ['c0'] }
}

function found(...happenings: readonly Happening[]): string[] {
  const events = happenings.map((happening, at): Event => ({ at, ...happening }))
  return check(events).anomalies.map(({ is }) => is)
}

function without(at: number): Noted[] {
  return facts.filter((_, i) => i !== at)
}

/** What stands at the end without what was read meanwhile: entries are numbered anew. */
const unread = heard.filter(({ type }) => type !== 'read' && type !== 'stands')

describe('a history', () => {
  test('in which all is well has no anomaly', () => {
    const events = [...heard, ...entries(facts)].map((one, at): Event => ({ at, ...one }))
    expect(check(events)).toEqual({
      anomalies: [],
      counts: {
        ...{ jobs: 1, accepted: 1, dead: 0, receipts: 2, cut: 0 },
        ...{ paid: 2, micro: 200, entries: 9, reads: 1 },
      },
    })
  })

  const lost = 'b'.repeat(64)
  const planted: Readonly<Record<string, readonly [readonly Happening[], string]>> = {
    'a job that was acknowledged and is nowhere': [
      [{ type: 'published', publisher: 'p0', job: lost, chain, units: 1, ms: 5 }],
      'job-lost',
    ],
    'a receipt that was acknowledged and is nowhere': [
      [{ type: 'acknowledged', node: 'n0', key: `${job}/0/3/0/9`, from: 'c0', epoch: 0 }],
      'receipt-lost',
    ],
    'an end that was told and never was': [
      [{ type: 'ended', publisher: 'p0', job: lost, accepted: 1, dead: 0 }],
      'end-lost',
    ],
    'an end that was told otherwise': [
      [{ type: 'ended', publisher: 'p0', job, accepted: 0, dead: 1 }],
      'end-lost',
    ],
    'accounts that do not add up': [
      [{ type: 'read', from: 'c1', chain, epoch: 0, size: 4, head: 'c3', sum: 7 }],
      'sum',
    ],
    'a read of what is not there any more': [
      [{ type: 'read', from: 'c1', chain, epoch: 0, size: 99, head: 'c98', sum: 0 }],
      'read-lost',
    ],
    'a read of what is another now': [
      [{ type: 'read', from: 'c1', chain, epoch: 0, size: 4, head: 'x3', sum: 0 }],
      'read-changed',
    ],
    'a copy that is another at the end': [
      [{ type: 'stands', from: 'c2', chain, epoch: 0, size: 9, head: 'x8' }],
      'read-changed',
    ],
    'a chain that its reader has refused': [
      [{ type: 'broken', from: 'c0', chain, seq: 5, code: 'fact.rule' }],
      'broken',
    ],
    'a process that ended by itself': [[{ type: 'down', name: 'n0', why: 'it ended' }], 'down'],
    'a fork that somebody did not hear of': [
      [
        { type: 'forked', name: 'c0', chain, others: ['c1', 'c2'] },
        { type: 'proven', from: 'c1', chain, bytes: 900 },
      ],
      'unproven',
    ],
    'a job on two chains': [entries([facts[0] as Noted], other), 'job-twice'],
  }

  test('with a fork of which only one has signed needs no proof, if its epoch is ended', () => {
    const forked = { type: 'forked', name: 'c0', chain, others: ['c1'] } as const
    const last = heard.find(({ type }) => type === 'read') as Happening & { type: 'read' }
    expect(found(...heard, ...entries(facts), forked, { ...last, epoch: 1 })).toEqual([])
    expect(found(...heard, ...entries(facts), forked, last)).toEqual(['unproven'])
  })

  test.each(Object.entries(planted))('with %s is told from it', (_, [more, is]) => {
    expect(found(...heard, ...entries(facts), ...more)).toEqual([is])
  })

  const chains: Readonly<Record<string, readonly [readonly Noted[], readonly string[]]>> = {
    'of a job that does not end': [without(8), ['job-open', 'end-lost']],
    'of a job that ends twice': [
      [...facts, facts[8] as Noted],
      ['ended-twice', 'end-lost'],
    ],
    'of a winner who is not paid': [without(6), ['unpaid']],
    'of credit that is there twice': [
      [...facts, moved('e1', 'earn', 'mint', `hold/${job}/0/1`)],
      ['transfer-twice'],
    ],
    'of a node that is paid by two slots': [
      [
        ...facts,
        { f: 'receipt', key: `${job}/0/3/0/9` },
        {
          ...{ f: 'verdict', job, unit: 0, as: 'accepted', agreeing: [1, 2, 3] },
          opened: [[3, 'ann']],
        },
        moved('e3', 'earn', 'mint', `hold/${job}/0/3`),
        moved('s3', 'settle', `hold/${job}/0/3`, 'owner/ann', 'e3'),
      ],
      ['paid-twice'],
    ],
    'of an account that is overdrawn': [
      [...facts, moved('f1', 'fund', 'owner/eve', `escrow/${job}`)],
      ['below-0'],
    ],
    'of a job that ends with credit in its escrow': [
      [...facts.slice(0, 8), moved('f1', 'fund', 'owner/ann', `escrow/${job}`), facts[8] as Noted],
      ['escrow'],
    ],
    'of credit that arrives and never departed': [
      [...facts, moved('x1', 'arrive', `bridge/${other}/${chain}`, 'owner/eve', 'y1')],
      ['from-nowhere'],
    ],
  }

  test.each(Object.entries(chains))('%s is found', (_, [of, is]) => {
    expect(found(...unread, ...entries(of))).toEqual(is)
  })

  test('of an epoch that was ended tells what was cut off, and who goes on with it', () => {
    const of = entries(facts).map((one) => ({ ...one, epoch: 1 }) as Happening)
    const read = { type: 'read', from: 'c1', chain, epoch: 1, size: 4, head: 'c3', sum: 0 } as const
    const key = `${job}/0/3/0/9`
    const said = { type: 'acknowledged', node: 'n0', key, from: 'c0' } as const
    const late: Event = { at: 30_000, ...said, epoch: 0 }
    const soon: Event = { ...late, at: 10_000 }
    const [begun, over] = [faulty('begins', 1000), faulty('ends', 28_000)]
    const all = [...unread, ...of, read].map((one): Event => ({ at: 0, ...one }))
    expect(check([...all, soon])).toMatchObject({ anomalies: [], counts: { cut: 1 } })
    expect(check([...all, late]).anomalies).toMatchObject([{ is: 'after-seal' }])
    // Who is just back has not heard of it; and a receipt is brought to whoever goes on.
    expect(check([...all, begun, over, late])).toMatchObject({ anomalies: [], counts: { cut: 1 } })
    const other = { ...late, from: 'c1' }
    expect(check([...all, begun, over, other]).anomalies).toMatchObject([{ is: 'after-seal' }])
    const goesOn = { ...late, epoch: 1 }
    expect(check([...all, goesOn]).anomalies).toMatchObject([{ is: 'receipt-lost' }])
  })

  test('of what was acknowledged long before the end that a seal cut off is a loss', () => {
    const before = entries(facts.slice(0, 3))
    const after = entries(facts).slice(3)
    const of = [...before, ...after.map((one) => ({ ...one, epoch: 1 }) as Happening)]
    const read = { type: 'read', from: 'c1', chain, epoch: 1, size: 4, head: 'c3', sum: 0 } as const
    const said = { type: 'acknowledged', node: 'n0', from: 'c0', epoch: 0 } as const
    const all = [...unread, ...of].map((one): Event => ({ at: 0, ...one }))
    const lost: Event = { at: 1000, ...said, key: `${job}/0/3/0/9` }
    const isOf = (keptAt: number) => {
      const kept: Event = { at: keptAt, ...said, key: `${job}/0/1/0/7` }
      return check([...all, lost, kept, { at: 90_000, ...read }]).anomalies.map(({ is }) => is)
    }
    expect(isOf(30_000)).toEqual([])
    expect(isOf(61_000)).toEqual(['receipt-lost'])
  })

  test('of two forks of a chain needs a proof of each', () => {
    const all = [...heard, ...entries(facts)].map((one): Event => ({ at: 0, ...one }))
    const forked = { type: 'forked', name: 'c0', chain, others: ['c1'] } as const
    const proven = { type: 'proven', from: 'c1', chain, bytes: 900 } as const
    const first: Event[] = [
      { at: 1000, ...forked },
      { at: 2000, ...proven },
    ]
    const second: Event = { at: 900_000, ...forked }
    expect(check([...all, ...first]).anomalies).toEqual([])
    expect(check([...all, ...first, second]).anomalies).toMatchObject([{ is: 'unproven' }])
    expect(check([...all, ...first, second, { at: 899_000, ...proven }]).anomalies).toEqual([])
  })

  test('of an epoch that was ended and is served on is found, but of who is just back', () => {
    const served = { type: 'ended-served', from: 'c0', chain, epoch: 0 } as const
    const all = [...heard, ...entries(facts)].map((one): Event => ({ at: 0, ...one }))
    const isOf = (...more: Event[]) => check([...all, ...more]).anomalies.map(({ is }) => is)
    const [begun, over] = [faulty('begins', 1000), faulty('ends', 9000)]
    expect(isOf({ at: 8000, ...served })).toEqual(['after-seal'])
    expect(isOf(begun, { at: 30_000, ...served })).toEqual([])
    expect(isOf(begun, over, { at: 20_000, ...served })).toEqual([])
    expect(isOf(begun, over, { at: 30_000, ...served })).toEqual(['after-seal'])
    expect(isOf(begun, over, { at: 20_000, ...served, from: 'c1' })).toEqual(['after-seal'])
  })

  test('of credit that arrives on two chains is found', () => {
    const departs = moved('d1', 'depart', 'owner/ann', `bridge/${chain}/${other}`)
    const arrives = moved('a1', 'arrive', `bridge/${chain}/${other}`, 'owner/ann', 'd1')
    const third = 'e'.repeat(64)
    const there = [...entries([...facts, departs]), ...entries([arrives], other)]
    expect(found(...unread, ...there)).toEqual([])
    const twice = { ...arrives, from: `bridge/${chain}/${third}` } as Noted
    const is = ['other-credit', 'arrived-twice']
    expect(found(...unread, ...there, ...entries([twice], third))).toEqual(is)
  })
})
