import type { JobId } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import type { Needs } from '../match/needs.ts'
import type { Reason } from '../match/reasons.ts'
import { usualPolicy } from './policy.ts'
import { Queue } from './queue.ts'
import type { Asker } from './search.ts'
import { ask, askedOf, first, jobBy, nodeOf, said } from './test/cast.ts'

const visitsMax = 64

/** A node of a few cores and some memory; it counts how often it is asked. */
function small(projects: readonly string[] = []): { node: Asker; asked: { times: number } } {
  const asked = { times: 0 }
  const fits = ({ cores, ramBytes, project }: Needs): Reason | undefined => {
    asked.times++
    if (project !== undefined && projects.length > 0 && !projects.includes(project)) {
      return 'project'
    }
    if (cores > 2) return 'cores'
    return ramBytes > 1000 ? 'memory' : undefined
  }
  return { node: nodeOf('eve', { fits, projects }), asked }
}

/** A queue of many publishers with a job each, of which a small node fits none. */
function unfitting(publishers: number): Queue {
  const queue = new Queue({ ...usualPolicy, visitsMax })
  for (let i = 0; i < publishers; i++) {
    // Each needs too much of another thing, so that no branch can be left out.
    const needs = i % 2 === 0 ? { cores: 64 } : { ramBytes: 1e9 }
    queue.admit(jobBy(`p${i}`, `job ${i}`, { needs }), 0)
  }
  return queue
}

describe('a node that fits nothing', () => {
  test('costs no more among ten thousand publishers than it may', () => {
    const queue = unfitting(10_000)
    const { node, asked } = small()
    const answer = queue.ask(node, 0, first)
    expect(said(answer)).toBe('cores memory turn')
    expect(asked.times).toBeLessThan(10 * visitsMax)
  })

  test('has looked at everything after so many asks, and is told so', () => {
    const queue = unfitting(1000)
    const { node } = small()
    let mark: number | undefined = 0
    let asks = 0
    for (; mark !== undefined && asks < 100; asks++) {
      const answer = queue.ask({ ...node, mark }, 0, first)
      expect(answer.type).toBe('nothing')
      mark = answer.mark
      if (mark !== undefined && mark < visitsMax) break
    }
    expect(asks).toBeLessThanOrEqual(Math.ceil(1000 / visitsMax))
  })
})

test('a node that fits one job of ten thousand finds it, in some asks at the latest', () => {
  const queue = unfitting(10_000)
  queue.admit(jobBy('last', 'fitting', { units: 3 }), 0)
  // They are looked at in fair order, so the last who came in has to be behind the others.
  askedOf(queue, nodeOf('bob'), 1)
  const { node } = small()
  const given: string[] = []
  let mark = 0
  for (let asks = 0; asks < 200; asks++) {
    const answer = queue.ask({ ...node, mark }, 0, first)
    if (answer.type === 'unit') given.push(said(answer))
    mark = answer.mark ?? 0
  }
  expect(given).toEqual(['fitting/0', 'fitting/1', 'fitting/2'])
})

describe('a node that computes for some projects alone', () => {
  test('finds them among many publishers without looking at the others', () => {
    const queue = new Queue({ ...usualPolicy, visitsMax })
    for (let i = 0; i < 10_000; i++) {
      const project = i % 1000 === 999 ? 'ising' : `project ${i}`
      queue.admit(jobBy(`p${i}`, `job ${i}`, { units: 2, needs: { project } }), 0)
    }
    const { node, asked } = small(['folding', 'ising'])
    expect(askedOf(queue, node, 3)).toEqual(['job 999/0', 'job 1999/0', 'job 2999/0'])
    expect(asked.times).toBeLessThan(20)
    expect(askedOf(queue, node, 18).slice(16)).toEqual(['job 9999/1', 'project'])
  })

  test('takes their turns among those publishers', () => {
    const queue = new Queue(usualPolicy)
    const needs = { project: 'ising' }
    queue.admit(jobBy('ada', 'one', { needs }), 0)
    queue.admit(jobBy('ada', 'other'), 0)
    queue.admit(jobBy('bob', 'two', { needs }), 0)
    const { node } = small(['ising'])
    expect(askedOf(queue, node, 4)).toEqual(['one/0', 'two/0', 'one/1', 'two/1'])
  })

  test('is given their jobs at risk first', () => {
    const queue = new Queue(usualPolicy)
    const needs = { project: 'ising' }
    queue.admit(jobBy('ada', 'one', { needs, priority: 9 }), 0)
    queue.admit(jobBy('ada', 'due', { needs, deadline: 1000 }), 0)
    expect(askedOf(queue, small(['ising']).node, 1, 900)).toEqual(['due/0'])
  })
})

test('an owner who has a part in every job of a hundred publishers is told so', () => {
  const queue = new Queue(usualPolicy)
  for (let i = 0; i < 100; i++) {
    queue.admit(jobBy(`p${i}`, `job ${i}`, { units: 1 }), 0)
  }
  const eve = nodeOf('eve')
  expect(new Set(askedOf(queue, eve, 100, 0, 1)).size).toBe(100)
  // The first time it looks at each unit, and that is more than one ask may look at.
  expect(askedOf(queue, eve, 2)).toEqual(['apart turn', 'apart'])
  expect(queue.open('job 5' as JobId)).toEqual({ fresh: 0, begun: 1 })
  expect(ask(queue, nodeOf('bob'))).toBe('job 0/0')
})
