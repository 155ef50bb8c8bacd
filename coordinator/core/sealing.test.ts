import {
  type ChainId,
  type CoordinatorId,
  type Cut,
  digestText,
  limits,
  type Pledge,
  sha256,
} from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { keyNamed } from '../test/cast.ts'
import {
  boundOf,
  chosen,
  heirs,
  isOver,
  isVoid,
  mayCosign,
  maySign,
  promised,
  recalled,
  released,
  taken,
} from './sealing.ts'

const [ann, bob, cat, dan] = ['ann', 'bob', 'cat', 'dan']
  .map((name) => keyNamed(name).id as CoordinatorId)
  .sort() as [CoordinatorId, CoordinatorId, CoordinatorId, CoordinatorId]
const four = { members: 4, quorum: 3 }
const eve = keyNamed('eve').id as CoordinatorId
const allOf = (...keys: CoordinatorId[]) => {
  return { members: keys.map((coordinator) => ({ coordinator, addresses: [] })), quorum: 3 }
}
const choosing = { electorateAt: () => allOf(ann, bob, cat, dan), writer: dan, isForked: false }

function cutAt(size: number, successor = ann): Cut {
  return { size, head: digestText(sha256(Uint8Array.of(size))), successor }
}

function tookIn(number: number, cut: Cut, by = ann): Pledge {
  return { ballot: { number, by }, took: { ballot: { number, by }, cut }, bounds: [cut.size] }
}

describe('a member', () => {
  test('promises the higher ballot alone; of one number, that of the higher key', () => {
    const low = promised(undefined, { number: 1, by: ann })
    expect(promised(low, { number: 1, by: bob }).ballot.by).toBe(bob)
    expect(promised({ ballot: { number: 2, by: ann } }, { number: 1, by: dan })).toEqual({
      ballot: { number: 2, by: ann },
    })
  })

  test('takes no cut below what it cosigned, unless no quorum can have cosigned that', () => {
    const asked = { ballot: { number: 1, by: ann }, cut: cutAt(9) }
    const refused = taken(undefined, asked, { seen: 10, isVoid: false })
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'chain.checkpoint' } })
    expect(taken(undefined, asked, { seen: 10, isVoid: true }).ok).toBe(true)
    expect(taken(undefined, asked, { seen: 9, isVoid: false }).ok).toBe(true)
  })

  test('takes one cut in a ballot, though who proposes asks for a second in the same', () => {
    const took = tookIn(2, cutAt(9))
    const asked = { ballot: { number: 2, by: ann }, cut: cutAt(11) }
    const known = { seen: 0, isVoid: false }
    expect(taken(took, asked, known)).toEqual({ ok: true, value: took })
    const higher = { ballot: { number: 3, by: ann }, cut: cutAt(11) }
    const next = { ...tookIn(3, cutAt(11)), bounds: [9, 11] }
    expect(taken(took, higher, known)).toEqual({ ok: true, value: next })
  })

  test('signs what it took in this ballot, and from then on that alone', () => {
    const [ballot, cut] = [{ number: 2, by: ann }, cutAt(9)]
    expect(maySign(tookIn(2, cut), { ballot, cut }, undefined)).toBe(true)
    expect(maySign(tookIn(1, cut), { ballot, cut }, undefined)).toBe(false)
    expect(maySign(tookIn(2, cutAt(8)), { ballot, cut }, undefined)).toBe(false)
    expect(maySign(tookIn(3, cutAt(8)), { ballot, cut }, cut)).toBe(true)
    expect(maySign(tookIn(2, cut), { ballot, cut }, cutAt(8))).toBe(false)
  })

  test('is free of a cut beyond which a quorum has cosigned', () => {
    expect(released(tookIn(1, cutAt(9)), 9)).toEqual(tookIn(1, cutAt(9)))
    expect(released(tookIn(1, cutAt(9)), 10).took).toBeUndefined()
  })

  test('cosigns no further than the least cut that it took, until a quorum has', () => {
    const took = (pledge: Pledge | undefined, number: number, size: number) => {
      const asked = { ballot: { number, by: ann }, cut: cutAt(size) }
      const next = taken(pledge, asked, { seen: 0, isVoid: false })
      if (!next.ok) throw new Error(next.refusal.code)
      return next.value
    }
    const both = took(took(undefined, 1, 5), 2, 9)
    expect([mayCosign(both, 5), mayCosign(both, 6)]).toEqual([true, false])
    const free = released(both, 7)
    expect([mayCosign(free, 9), mayCosign(free, 10)]).toEqual([true, false])
    expect(free.took?.cut.size).toBe(9)
    expect(boundOf(released(free, 10))).toBeUndefined()
    const lower = took(both, 3, 4)
    expect(released(lower, 6)).toMatchObject({ bounds: [9] })
    expect(mayCosign(released(lower, 6), 10)).toBe(false)
  })

  test('tells the least of very many cuts, and all hold until a quorum is beyond them', () => {
    const bounds = Array.from({ length: limits.cutsMax }, (_, i) => i)
    const full = { ballot: { number: 1, by: ann }, bounds }
    const asked = { ballot: { number: 2, by: ann }, cut: cutAt(limits.cutsMax + 9) }
    const more = taken(full, asked, { seen: 0, isVoid: false })
    expect(more).toMatchObject({ value: { bounds, until: asked.cut.size, took: asked } })
    if (!more.ok) return
    expect(mayCosign(released(more.value, limits.cutsMax), 1)).toBe(false)
    expect(released(more.value, asked.cut.size)).toEqual(more.value)
    expect(released(more.value, asked.cut.size + 1)).toEqual({ ballot: asked.ballot })
  })
})

describe('the cut that is proposed', () => {
  const stand = (size: number, firm = 0, cosigned = 0) => {
    return { size, head: cutAt(size).head, firm, cosigned }
  }

  test('is the longest history that one of a quorum has found true', () => {
    const told = [
      { member: ann, pledge: undefined, stand: stand(7) },
      { member: bob, pledge: undefined, stand: stand(9) },
    ]
    expect(chosen(told, choosing, ann)).toBeUndefined()
    const three = [...told, { member: cat, pledge: undefined, stand: undefined }]
    expect(chosen(three, choosing, ann)).toEqual(cutAt(9))
  })

  test('is the one that a quorum may have taken, and no other', () => {
    const told = [ann, bob, cat].map((member) => {
      return { member, pledge: tookIn(1, cutAt(7, bob), bob), stand: stand(9) }
    })
    expect(chosen(told, choosing, ann)).toEqual(cutAt(7, bob))
    const two = told.map((one) => (one.member === cat ? { ...one, pledge: undefined } : one))
    expect(chosen(two, choosing, ann)).toEqual(cutAt(9, ann))
  })

  test('is decided about by the roster where it is cut, whatever changes it beyond', () => {
    const [before, after] = [allOf(ann, bob, dan), allOf(ann, cat, dan)]
    const governed = { ...choosing, electorateAt: (size: number) => (size < 9 ? before : after) }
    const [asks, by] = [{ ...governed }, cat]
    before.quorum = 2
    after.quorum = 2
    const one = { member: ann, pledge: tookIn(1, cutAt(7)), stand: stand(9) }
    const other = { member: cat, pledge: undefined, stand: stand(9) }
    // Bob may have taken the same.
    expect(chosen([one, other], asks, by)).toBeUndefined()
    const third = { member: bob, pledge: undefined, stand: stand(6) }
    expect(chosen([one, other, third], asks, by)).toEqual(cutAt(9, cat))
    const taken = { ...third, pledge: tookIn(1, cutAt(7)) }
    expect(chosen([one, other, taken], asks, by)).toEqual(cutAt(7))
  })

  test('is none below what a quorum has cosigned, whoever says that it took one', () => {
    const pledge = tookIn(1, cutAt(3))
    const electorateAt = (size: number) => (size < 9 ? allOf(ann, dan, eve) : allOf(ann, bob, dan))
    const two = {
      ...choosing,
      electorateAt: (size: number) => ({ ...electorateAt(size), quorum: 2 }),
    }
    const lies = { member: ann, pledge, stand: undefined }
    const told = [lies, { member: bob, pledge: undefined, stand: stand(9, 9) }]
    expect(chosen(told, two, bob)).toEqual(cutAt(9, bob))
  })

  test('of a chain that was forked is that of which most was cosigned', () => {
    const electorate = { ...allOf(ann, bob, dan), quorum: 2 }
    const forked = { electorateAt: () => electorate, writer: dan, isForked: true }
    const cutOf = (...stands: readonly ReturnType<typeof stand>[]) => {
      const told = stands.map((one, i) => {
        return { member: i === 0 ? ann : bob, pledge: undefined, stand: one }
      })
      expect(chosen(told.toReversed(), forked, cat)).toEqual(chosen(told, forked, cat))
      return chosen(told, forked, cat)?.size
    }
    expect(cutOf(stand(7, 7), stand(9, 0, 9))).toBe(7)
    expect(cutOf(stand(7, 0, 6), stand(9, 0, 4))).toBe(7)
    expect(cutOf(stand(7), stand(9))).toBe(9)
  })
})

test('what is recalled is no ballot beyond which there are few', () => {
  const pledge = tookIn(limits.entriesMax, cutAt(9))
  const told = recalled([pledge], { members: 3, quorum: 2 })
  const ballot = { number: limits.ballotStepMax, by: ann }
  expect(told).toMatchObject({ value: { ballot, took: { cut: cutAt(9) } } })
})

test('an epoch is over once so many took a cut that the others are no quorum', () => {
  const took = tookIn(1, cutAt(7))
  expect(isOver([took, undefined], four)).toBe(false)
  expect(isOver([took, took], four)).toBe(true)
})

test('nothing counts beyond where so many took a cut of one size, though one of them lies', () => {
  const seven = { members: 7, quorum: 5 }
  const bound = (...bounds: number[]) => ({ ballot: { number: 1, by: ann }, bounds })
  const at7 = [bound(7), bound(7), bound(7)]
  expect(isVoid([...at7, bound(7)], seven, 9)).toBe(true)
  expect(isVoid([...at7, bound(7)], seven, 6)).toBe(false)
  expect(isVoid([...at7, undefined], seven, 9)).toBe(false)
  // A quorum at 8 sets the others free, to cosign what comes after 9.
  expect(isVoid([...at7, bound(9)], seven, 9)).toBe(false)
  expect(isVoid([...at7, bound(7, 9)], seven, 9)).toBe(true)
  expect(isVoid([...at7, bound()], seven, 9)).toBe(false)
  // Where all voters are needed nobody has to believe the others.
  expect(isVoid([bound(7), bound(7), bound(7)], four, 9)).toBe(false)
})

test('who goes on is drawn, another with each epoch', () => {
  const chain = digestText<ChainId>(sha256(Uint8Array.of(1)))
  const all = [ann, bob, cat, dan]
  const firsts = Array.from({ length: 32 }, (_, epoch) => heirs(chain, epoch, all)[0])
  expect(new Set(firsts).size).toBe(4)
  expect(heirs(chain, 3, all)).toEqual(heirs(chain, 3, all.toReversed()))
})
