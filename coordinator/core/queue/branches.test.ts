import type { PublisherId } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { usualPolicy } from './policy.ts'
import { Queue } from './queue.ts'
import { ask, askedOf, first, jobBy, nodeOf } from './test/cast.ts'

const node = nodeOf('eve', {
  projects: ['ising', 'folding'],
  fits: ({ project }) => (project === undefined || project === 'ising' ? undefined : 'project'),
})

/** A queue of so many publishers that share the name of a project. */
function sharedBy(publishers: number): Queue {
  const queue = new Queue({ ...usualPolicy, visitsMax: 8 })
  for (let i = 0; i < publishers; i++) {
    queue.admit(jobBy(`p${i}`, `job ${i}`, { units: 4, needs: { project: 'ising' } }), 0)
  }
  return queue
}

describe('a project that many publishers share', () => {
  test('is computed for all of them, though not all are looked at each time', () => {
    const queue = sharedBy(1000)
    const given: string[] = []
    let asks = 0
    for (let mark = 0; given.length < 4000 && asks < 4400; asks++) {
      const answer = queue.ask({ ...node, mark }, 0, first)
      if (answer.type === 'unit') given.push(answer.job)
      mark = answer.mark ?? 0
    }
    // In fair order nearly all have one before anybody has two.
    expect(new Set(given.slice(0, 1000)).size).toBeGreaterThan(900)
    expect(given).toHaveLength(4000)
    expect(ask(queue, node)).toContain('empty')
  })

  test('is told from one that nobody has anything open of', () => {
    const queue = new Queue(usualPolicy)
    queue.admit(jobBy('ada', 'one'), 0)
    expect(ask(queue, node)).toBe('project')
  })
})

test('a publisher that is forgotten leaves its projects to the others', () => {
  const queue = sharedBy(3)
  const later = usualPolicy.windowMs
  for (const id of ['job 0', 'job 2']) queue.end(jobBy('', id).id, 0)
  queue.admit(jobBy('p1' as PublisherId, 'more', { needs: { project: 'folding' } }), later)
  expect(askedOf(queue, node, 5, later)).toEqual([
    'job 1/0',
    'job 1/1',
    'job 1/2',
    'job 1/3',
    'project',
  ])
})
