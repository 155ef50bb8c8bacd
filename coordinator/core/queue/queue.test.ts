import type { JobId } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { type Policy, usualPolicy } from './policy.ts'
import { Queue } from './queue.ts'
import { ask, askedOf, jobBy, nodeOf, wants } from './test/cast.ts'

const [one, two] = ['one', 'two'] as [JobId, JobId]

/** A queue of some jobs, that came at the time 0. */
function queueOf(jobs: readonly Parameters<typeof jobBy>[], policy: Partial<Policy> = {}): Queue {
  const queue = new Queue({ ...usualPolicy, ...policy })
  for (const job of jobs) queue.admit(jobBy(...job), 0)
  return queue
}

describe('the units of a job', () => {
  test('are given in their order, each once', () => {
    const queue = queueOf([['ada', 'one', { units: 3 }]])
    expect(askedOf(queue, nodeOf('eve'), 4)).toEqual(['one/0', 'one/1', 'one/2', 'empty'])
  })

  test('begin where they began before a restart', () => {
    const queue = queueOf([['ada', 'one', { units: 5, from: 2 }]])
    queue.need(one, 3, [], [], 0)
    queue.need(one, 0, wants(1), ['eve'], 0)
    expect(askedOf(queue, nodeOf('bob'), 4)).toEqual(['one/0', 'one/2', 'one/4', 'empty'])
  })

  test('are ten million without a list of them', () => {
    const queue = queueOf([['ada', 'one', { units: 10_000_000 }]])
    expect(askedOf(queue, nodeOf('eve'), 2)).toEqual(['one/0', 'one/1'])
    expect(queue.open(one)).toEqual({ fresh: 9_999_998, begun: 0 })
  })

  test('are all gone when it ends, those begun as well', () => {
    const queue = queueOf([['ada', 'one']])
    ask(queue, nodeOf('eve'), 0, 1)
    expect(queue.open(one)).toEqual({ fresh: 9, begun: 1 })
    queue.end(one, 0)
    expect(queue.open(one)).toEqual({ fresh: 0, begun: 0 })
    expect(ask(queue, nodeOf('bob'))).toBe('empty')
    expect(queue.jobs).toBe(0)
  })

  test('are not wanted any more when what is said of them comes too late', () => {
    const queue = queueOf([['ada', 'one']])
    queue.end(one, 0)
    queue.end(one, 0)
    queue.need(one, 0, wants(1), [], 0)
    queue.settle(one, 5)
    expect(ask(queue, nodeOf('eve'))).toBe('empty')
  })
})

test('a job cannot come in twice', () => {
  const queue = queueOf([['ada', 'one']])
  expect(() => queue.admit(jobBy('ada', 'one'), 0)).toThrow('in the queue already')
})

describe('the jobs of a publisher', () => {
  test('go by priority, and then as they came', () => {
    const queue = queueOf([
      ['ada', 'low', { units: 1, priority: 1 }],
      ['ada', 'first', { units: 1, priority: 7 }],
      ['ada', 'second', { units: 1, priority: 7 }],
    ])
    expect(askedOf(queue, nodeOf('eve'), 3)).toEqual(['first/0', 'second/0', 'low/0'])
  })

  test('do not go before those of another publisher, whatever their priority', () => {
    const queue = queueOf([
      ['ada', 'low', { priority: 0 }],
      ['bob', 'high', { priority: 9 }],
    ])
    const given = askedOf(queue, nodeOf('eve'), 4)
    expect(given).toEqual(['low/0', 'high/0', 'low/1', 'high/1'])
  })

  test('go rather to a node that has their data, between equals', () => {
    const queue = queueOf([
      ['ada', 'one', { priority: 5 }],
      ['ada', 'two', { priority: 5 }],
      ['ada', 'low', { priority: 4 }],
    ])
    const near = ['low', 'two'] as JobId[]
    expect(ask(queue, nodeOf('eve', { near }))).toBe('two/0')
    expect(ask(queue, nodeOf('eve'))).toBe('one/0')
  })
})

describe('a unit that was begun', () => {
  test('goes before fresh ones, also of a higher priority', () => {
    const queue = queueOf([['ada', 'one', { priority: 3 }]])
    expect(ask(queue, nodeOf('eve'), 0, 1)).toBe('one/0')
    queue.admit(jobBy('ada', 'two', { priority: 9 }), 0)
    expect(askedOf(queue, nodeOf('bob'), 2)).toEqual(['one/0', 'two/0'])
  })

  test('is given as often as is wanted, to another owner each time', () => {
    const queue = queueOf([['ada', 'one', { units: 1 }]])
    const given = ['eve', 'eve', 'bob', 'eve', 'bob', 'cy', 'dan'].map((owner) =>
      ask(queue, nodeOf(owner), 0, 2),
    )
    expect(given).toEqual(['one/0', 'apart', 'one/0', 'apart', 'apart', 'one/0', 'empty'])
  })

  test('is kept from whoever shares the network of an owner, where the mesh demands it', () => {
    const queue = queueOf([['ada', 'one', { units: 1 }]])
    const at = (owner: string, net: string) => nodeOf(owner, { apart: [owner, net] })
    ask(queue, at('eve', 'home'), 0, 1)
    expect(ask(queue, at('bob', 'home'))).toBe('apart')
    expect(ask(queue, at('eve', 'office'))).toBe('apart')
    expect(ask(queue, at('bob', 'office'))).toBe('one/0')
  })

  test('comes back when its lease ended, for others than those who are barred', () => {
    const queue = queueOf([['ada', 'one', { units: 2 }]])
    ask(queue, nodeOf('eve'))
    queue.need(one, 0, wants(1), ['eve'], 0)
    expect(askedOf(queue, nodeOf('eve'), 2)).toEqual(['one/1', 'apart'])
    expect(ask(queue, nodeOf('bob'))).toBe('one/0')
  })

  test('comes back for the same owner if nobody is barred', () => {
    const queue = queueOf([['ada', 'one', { units: 1 }]])
    ask(queue, nodeOf('eve'), 0, 1)
    expect(ask(queue, nodeOf('eve'))).toBe('apart')
    queue.need(one, 0, wants(2), [], 0)
    expect(ask(queue, nodeOf('eve'))).toBe('one/0')
  })

  test('may want more executions later', () => {
    const queue = queueOf([['ada', 'one', { units: 1 }]])
    ask(queue, nodeOf('eve'))
    expect(ask(queue, nodeOf('bob'))).toBe('empty')
    queue.need(one, 0, wants(2), ['eve'], 0)
    const owners = ['eve', 'bob', 'bob', 'cy', 'dan']
    const given = owners.map((owner) => ask(queue, nodeOf(owner)))
    expect(given).toEqual(['apart', 'one/0', 'apart', 'one/0', 'empty'])
  })

  test('wants nothing more once it is decided', () => {
    const queue = queueOf([['ada', 'one', { units: 1 }]])
    ask(queue, nodeOf('eve'), 0, 1)
    queue.need(one, 0, [], [], 0)
    expect(ask(queue, nodeOf('bob'))).toBe('empty')
  })

  test('is not given to who is barred from it, but the others are', () => {
    const queue = queueOf([['ada', 'one', { units: 3 }]])
    askedOf(queue, nodeOf('eve'), 3, 0, 1)
    queue.need(one, 0, wants(1), ['eve', 'bob'], 0)
    expect(askedOf(queue, nodeOf('bob'), 3)).toEqual(['one/1', 'one/2', 'apart'])
  })
})

describe('a job that pauses', () => {
  test('begins no unit, and those that it began go on', () => {
    const queue = queueOf([
      ['ada', 'one', { units: 3 }],
      ['bob', 'two', { units: 3 }],
    ])
    expect(ask(queue, nodeOf('eve'), 0, 1)).toBe('one/0')
    queue.pause(one, true, 0)
    expect(askedOf(queue, nodeOf('eve'), 4)).toEqual(['two/0', 'two/1', 'two/2', 'apart'])
    expect(askedOf(queue, nodeOf('cy'), 2)).toEqual(['one/0', 'empty'])
    queue.pause(one, false, 0)
    expect(askedOf(queue, nodeOf('cy'), 3)).toEqual(['one/1', 'one/2', 'empty'])
  })

  test('pauses still when it goes on without a platform', () => {
    const queue = queueOf([['ada', 'one', { units: 2 }]])
    queue.pause(one, true, 0)
    queue.exclude(one, 'macos/arm64', 0)
    expect(ask(queue, nodeOf('eve'))).toBe('empty')
    queue.pause(one, false, 0)
    expect(ask(queue, nodeOf('eve'))).toBe('one/0')
  })
})

describe('a deadline', () => {
  const day = 1000
  const deadline = 10 * day

  test('takes no turn while the units are begun in time', () => {
    const queue = queueOf([
      ['ada', 'high', { priority: 9 }],
      ['ada', 'due', { priority: 1, units: 8, deadline }],
    ])
    // The first of eight units is due when an eighth of eight tenths of the time is over.
    expect(ask(queue, nodeOf('eve'), day - 1)).toBe('high/0')
    expect(askedOf(queue, nodeOf('eve'), 2, day)).toEqual(['due/0', 'high/1'])
    expect(askedOf(queue, nodeOf('eve'), 3, 3 * day)).toEqual(['due/1', 'due/2', 'high/2'])
  })

  test('goes before a later one, among jobs at risk', () => {
    const queue = queueOf([
      ['ada', 'later', { units: 2, deadline: 2 * deadline }],
      ['ada', 'sooner', { units: 2, deadline }],
    ])
    const given = askedOf(queue, nodeOf('eve'), 4, 9 * day)
    expect(given).toEqual(['sooner/0', 'sooner/1', 'later/0', 'later/1'])
  })

  test('does not take the turn of another publisher', () => {
    const queue = queueOf([
      ['ada', 'due', { units: 8, deadline }],
      ['bob', 'two'],
    ])
    const given = askedOf(queue, nodeOf('eve'), 4, 9 * day)
    expect(given).toEqual(['due/0', 'two/0', 'due/1', 'two/1'])
  })

  test('brings the replicas of its units forward as well, in its publisher’s turn', () => {
    const queue = queueOf([
      ['ada', 'due', { units: 8, deadline, needs: { project: 'b' } }],
      ['ada', 'other', { needs: { project: 'a' } }],
    ])
    expect(ask(queue, nodeOf('eve'), 9 * day, 1)).toBe('due/0')
    expect(ask(queue, nodeOf('bob'), 9 * day)).toBe('due/0')
  })

  test('that is over hurries nobody', () => {
    const queue = queueOf([
      ['ada', 'high', { priority: 9 }],
      ['ada', 'due', { priority: 1, deadline }],
    ])
    expect(ask(queue, nodeOf('eve'), deadline)).toBe('high/0')
  })
})

describe('the tail of a job', () => {
  const policy = { tailPermille: 100, tailUnitsMax: 4, patienceMs: 50 }
  const slow = nodeOf('eve', { swift: false })
  const swift = nodeOf('bob')

  test('is for swift nodes, and then for any', () => {
    const queue = queueOf([['ada', 'one', { units: 20 }]], policy)
    expect(askedOf(queue, slow, 20).slice(17)).toEqual(['one/17', 'tail', 'tail'])
    expect(ask(queue, slow, 49)).toBe('tail')
    expect(ask(queue, swift, 49)).toBe('one/18')
    expect(ask(queue, slow, 50)).toBe('one/19')
  })

  test('keeps nobody from another job', () => {
    const jobs: Parameters<typeof jobBy>[] = [
      ['ada', 'one', { units: 20 }],
      ['ada', 'two'],
    ]
    const queue = queueOf(jobs, policy)
    expect(askedOf(queue, slow, 20).slice(17)).toEqual(['one/17', 'two/0', 'two/1'])
    expect(ask(queue, swift)).toBe('one/18')
  })

  test('is no longer than its most, and a small job has none', () => {
    const queue = queueOf([['ada', 'one', { units: 1000 }]], policy)
    expect(askedOf(queue, slow, 997).slice(995)).toEqual(['one/995', 'tail'])
    const small = queueOf([['ada', 'one', { units: 9 }]], policy)
    expect(askedOf(small, slow, 9).at(-1)).toBe('one/8')
  })

  test('has the retries of its time: they wait as long for a swift node', () => {
    const queue = queueOf([['ada', 'one', { units: 20 }]], policy)
    askedOf(queue, swift, 20)
    queue.need(one, 3, wants(1), [], 100)
    expect(ask(queue, slow, 149)).toBe('tail')
    expect(ask(queue, slow, 150)).toBe('one/3')
  })

  test('is kept no longer for a job that ended meanwhile', () => {
    const queue = queueOf([['ada', 'one', { units: 20 }]], policy)
    askedOf(queue, swift, 20, 0, 1)
    queue.end(one, 0)
    expect(ask(queue, slow, 60)).toBe('empty')
  })
})

test('the classes of a queue are those of its jobs, while they are there', () => {
  const queue = queueOf([
    ['ada', 'one'],
    ['ada', 'two'],
    ['bob', 'three', { needs: { cores: 2 } }],
  ])
  const classes = () => Array.from(queue.classes(), ({ needs, jobs }) => [needs.cores, jobs])
  expect(classes()).toEqual([
    [1, 2],
    [2, 1],
  ])
  queue.end(one, 0)
  queue.end(two, 0)
  expect(classes()).toEqual([[2, 1]])
})
