import { limits, type NodeId, type Order, orderDocument, type Signed, sign } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { keyNamed, nodeNamed, noon, ownerNamed } from '../test/cast.ts'
import { codeOf, Rig } from '../test/rig.ts'

/** A node of an owner that is here. */
function owned(): Rig {
  const rig = new Rig()
  rig.join('ann', {}, undefined, { delegation: rig.delegation('ora', 'ann') })
  return rig
}

function ordered(
  rig: Rig,
  more: Partial<Order> & { readonly after?: number } = {},
  by = 'ora',
): Signed<Order> {
  const { after = 0, ...said } = more
  const issued = noon + rig.at + after
  const ids = { owner: ownerNamed('ora'), node: nodeNamed('ann') }
  const times = { issued, expires: issued + limits.requestMsMax }
  const key = keyNamed(by)
  const says = { v: 1, ...ids, order: 'pause', ...times, ...said } as const
  return sign({ ...orderDocument, signers: () => [key.id] }, says, key)
}

describe('an order', () => {
  test('of the owner is handed to the node as it is, and written nowhere', () => {
    const rig = owned()
    const before = rig.entries.length
    const order = ordered(rig)
    expect(rig.ask({ type: 'order', order })).toEqual({ type: 'done' })
    expect(rig.told('ann', 'order')).toEqual([{ type: 'order', order }])
    expect(rig.entries.length).toBe(before)
  })

  test.each<[string, (rig: Rig) => Signed<Order>, string]>([
    [
      'of another owner',
      (rig) => ordered(rig, { owner: ownerNamed('ori') }, 'ori'),
      'request.signer',
    ],
    ['that another signed', (rig) => ordered(rig, {}, 'ori'), 'signature.false'],
    [
      'that is over',
      (rig) => ordered(rig, { after: -limits.requestMsMax - limits.clockSkewMs - 1 }),
      'request.expired',
    ],
    [
      'from the future',
      (rig) => ordered(rig, { after: limits.clockSkewMs + 1 }),
      'request.expired',
    ],
    [
      'for a node that nobody gave it',
      (rig) => ordered(rig, { node: nodeNamed('bob') as NodeId }),
      'request.signer',
    ],
  ])('%s is refused, and told to nobody', (_, made, code) => {
    const rig = owned()
    rig.join('bob')
    expect(codeOf(rig.ask({ type: 'order', order: made(rig) }))).toBe(code)
    expect([rig.told('ann', 'order'), rig.told('bob', 'order')]).toEqual([[], []])
  })

  test('is refused once the node is let go, and while it is not here', () => {
    const rig = owned()
    rig.close('ann')
    expect(codeOf(rig.ask({ type: 'order', order: ordered(rig) }))).toBe('wire.unreachable')
    rig.join('ann')
    expect(rig.told('ann', 'order')).toEqual([])
    rig.pass(1)
    rig.ask({ type: 'revoke', revocation: rig.revocation('ora', 'ann') })
    expect(codeOf(rig.ask({ type: 'order', order: ordered(rig) }))).toBe('request.signer')
  })
})
