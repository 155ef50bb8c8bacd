import { describe, expect, test } from 'vitest'
import { withTolerance } from '../test/cast.ts'
import { Rig } from '../test/rig.ts'

/** What the shell says to the last question: which slot's result it is, if any. */
function compare(rig: Rig, as?: number): void {
  const asked = rig.compares.at(-1)
  if (asked === undefined) throw new Error('nothing is compared')
  const { id: job, unit, slot } = asked
  rig.step({ type: 'compared', job, unit, slot, ...(as === undefined ? {} : { as }) })
}

/** The shell denies what it was asked about last. */
function deny(rig: Rig): void {
  const asked = rig.compares.at(-1)
  if (asked === undefined) throw new Error('nothing is compared')
  const { id: job, unit, slot } = asked
  rig.step({ type: 'compared', job, unit, slot, isRefused: true })
}

/** A rig with one unit of a job that compares numbers. */
function comparing(...names: string[]) {
  const rig = new Rig()
  const id = rig.publish(withTolerance)
  for (const name of names) rig.join(name, { units: 0 })
  return { rig, id }
}

/** Some say these things, one after the other. */
function say(rig: Rig, says: Readonly<Record<string, string>>): void {
  for (const [name, what] of Object.entries(says)) {
    rig.offer(name, { units: 1 })
    rig.deliverAll(name, () => what)
    // The first has nothing to be compared with.
    if (rig.compares.length === 1) compare(rig)
  }
}

describe('results that differ in their bytes', () => {
  test('are compared by the shell, and agree if it says so', () => {
    const { rig, id } = comparing('kim', 'ann')
    say(rig, { kim: '1.00', ann: '1.01' })
    expect(rig.verdicts(id)).toEqual([])
    expect(rig.compares[0]?.with).toEqual([])
    const asked = rig.compares[1]
    const [first, second] = rig.unit(id)?.ballots ?? []
    expect(asked).toMatchObject({ id, unit: 0, slot: second?.slot, with: [{ slot: first?.slot }] })
    compare(rig, first?.slot)
    expect(rig.verdicts(id)).toEqual(['accepted'])
    const [{ decided } = { decided: undefined }] = rig.factsOf('verdict')
    expect(decided).toMatchObject({ agreeing: { length: 2 } })
    expect(rig.standing('ann')).toEqual({ vouched: 1, passes: 1, strikes: 0 })
  })

  test('are others if it says so', () => {
    const { rig, id } = comparing('kim', 'ann', 'bob')
    say(rig, { kim: '1.00', ann: '7.00' })
    compare(rig)
    say(rig, { bob: '1.00' })
    expect(rig.verdicts(id)).toEqual(['accepted'])
    expect(rig.standing('ann')?.strikes).toBe(1)
  })

  test('are compared one at a time, with one of each kind', () => {
    const { rig, id } = comparing('kim', 'ann', 'bob', 'cid')
    say(rig, { kim: '1.00', ann: '7.00' })
    compare(rig)
    say(rig, { bob: '1.01' })
    const [kim, ann, bob] = rig.unit(id)?.ballots ?? []
    expect(rig.compares.at(-1)).toMatchObject({
      slot: bob?.slot,
      with: [{ slot: kim?.slot }, { slot: ann?.slot }],
    })
    compare(rig, kim?.slot)
    expect(rig.verdicts(id)).toEqual(['accepted'])
  })

  test('that came while another was compared wait, and none is forgotten', () => {
    const rig = new Rig()
    const id = rig.publish({ ...withTolerance, replicas: { quorum: 4, max: 6 } })
    for (const name of ['n1', 'n2', 'n3', 'n4']) rig.join(name)
    for (const [i, name] of ['n1', 'n2', 'n3', 'n4'].entries())
      rig.deliverAll(name, () => `1.0${i}`)
    const [first] = rig.unit(id)?.ballots ?? []
    expect(rig.compares).toHaveLength(1)
    compare(rig)
    for (let i = 0; i < 3; i++) compare(rig, first?.slot)
    expect(rig.compares).toHaveLength(4)
    expect(rig.verdicts(id)).toEqual(['accepted'])
  })

  test('are compared again after a restart, all of them', () => {
    const rig = new Rig()
    const id = rig.publish({ ...withTolerance, replicas: { quorum: 4, max: 6 } })
    for (const name of ['n1', 'n2', 'n3', 'n4']) rig.join(name)
    for (const [i, name] of ['n1', 'n2', 'n3', 'n4'].entries())
      rig.deliverAll(name, () => `1.0${i}`)
    rig.compares.length = 0
    rig.restart()
    compare(rig)
    for (let i = 0; i < 3; i++) {
      const [first] = rig.unit(id)?.ballots ?? []
      compare(rig, first?.slot)
    }
    expect(rig.verdicts(id)).toEqual(['accepted'])
  })
})

describe('the shell is not asked', () => {
  test('about equal results', () => {
    const { rig, id } = comparing('kim', 'ann')
    say(rig, { kim: '1.00', ann: '1.00' })
    expect(rig.compares).toHaveLength(1)
    expect(rig.verdicts(id)).toEqual(['accepted'])
  })

  test('by a job that compares bytes', () => {
    const rig = new Rig()
    const id = rig.publish()
    for (const name of ['kim', 'ann', 'bob']) rig.join(name)
    rig.deliverAll('kim', () => '1.00')
    rig.deliverAll('ann', () => '1.01')
    expect(rig.compares).toEqual([])
    expect(rig.verdicts(id)).toEqual([])
  })

  test('about failures', () => {
    const { rig } = comparing('kim', 'ann')
    say(rig, { kim: '1.00', ann: '!boom' })
    expect(rig.compares).toHaveLength(1)
  })
})

describe('what the shell denies', () => {
  const checked = { ...withTolerance, replicas: { quorum: 1, max: 4 } }

  test('is no result, also where one would be enough, and the next is looked at', () => {
    const rig = new Rig()
    const id = rig.publish(checked)
    for (const name of ['kim', 'ann']) rig.join(name, { units: 0 })
    rig.offer('kim', { units: 1 })
    rig.deliverAll('kim', () => '1.00')
    expect(rig.verdicts(id)).toEqual([])
    deny(rig)
    expect(rig.verdicts(id)).toEqual([])
    rig.offer('ann', { units: 1 })
    rig.deliverAll('ann', () => '2.00')
    expect(rig.compares.at(-1)?.with).toEqual([])
    compare(rig)
    expect(rig.verdicts(id)).toEqual(['accepted'])
    // Nobody is blamed for what a publisher's checker says.
    const [{ decided } = { decided: undefined }] = rig.factsOf('verdict')
    expect(decided).toMatchObject({ agreeing: { length: 1 }, struck: [], banned: [] })
  })

  test('is looked at again when somebody else brings the same', () => {
    const rig = new Rig()
    rig.publish(checked)
    for (const name of ['kim', 'ann']) rig.join(name, { units: 0 })
    for (const name of ['kim', 'ann']) {
      rig.offer(name, { units: 1 })
      rig.deliverAll(name, () => '1.00')
      deny(rig)
    }
    expect(rig.compares).toHaveLength(2)
  })

  test('is so after a restart as well, of which nothing but a failure is known then', () => {
    const rig = new Rig()
    const id = rig.publish(checked)
    for (const name of ['kim', 'ann']) rig.join(name, { units: 0 })
    rig.offer('kim', { units: 1 })
    rig.deliverAll('kim', () => '1.00')
    deny(rig)
    const [denied] = rig.unit(id)?.ballots ?? []
    if (denied === undefined) throw new Error('nothing was denied')
    // A verdict that opened it keeps what it gave, and not that it was denied.
    denied.says = denied.result
    rig.offer('ann', { units: 1 })
    rig.deliverAll('ann', () => '1.00')
    expect(rig.compares).toHaveLength(2)
  })

  test('by three owners poisons the unit, and nobody is blamed', () => {
    const rig = new Rig()
    const id = rig.publish({ ...withTolerance, replicas: { quorum: 2, max: 6 } })
    for (const name of ['kim', 'ann', 'bob']) {
      rig.join(name, { units: 0 })
      rig.offer(name, { units: 1 })
      rig.deliverAll(name, () => `${name}’s`)
      deny(rig)
    }
    expect(rig.verdicts(id)).toEqual(['poisoned'])
    for (const name of ['kim', 'ann', 'bob']) expect(rig.standing(name)?.strikes ?? 0).toBe(0)
  })
})

test('after a restart, results that are equal agree without a question', () => {
  const rig = new Rig()
  const id = rig.publish({ replicas: { quorum: 3, max: 6 } })
  for (const name of ['n1', 'n2', 'n3']) rig.join(name)
  rig.deliverAll('n1')
  rig.deliverAll('n2')
  const [lease] = rig.leases('n3')
  rig.restart()
  rig.join('n3', { units: 0 })
  if (lease !== undefined) rig.tell('n3', rig.delivery('n3', lease))
  expect(rig.verdicts(id)).toEqual(['accepted'])
})

test('an answer to what was never asked changes nothing', () => {
  const { rig, id } = comparing('kim', 'ann')
  say(rig, { kim: '1.00' })
  rig.step({ type: 'compared', job: id, unit: 0, slot: 15, as: 3 })
  rig.step({ type: 'compared', job: id, unit: 7, slot: 0 })
  expect(rig.verdicts(id)).toEqual([])
})
