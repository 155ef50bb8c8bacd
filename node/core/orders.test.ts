import {
  type Delegation,
  delegationDocument,
  limits,
  type NodeId,
  type Order,
  type OwnerId,
  orderDocument,
  type Signed,
  type Signer,
  sign,
} from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { jobOn, keyNamed, leaseOf, node, noon, ownLimits } from '../test/cast.ts'
import { joined, type Rig } from '../test/rig.ts'
import { keyOf } from './state.ts'

const ora = keyNamed('ora')
const ori = keyNamed('ori')
const day = 86_400_000

/** A node of an owner, who may tell it something from afar if the limits say so. */
function owned(remote = true, delegation: Signed<Delegation> | undefined = delegated(ora)) {
  const more = delegation === undefined ? {} : { delegation }
  return joined({ limits: { ...ownLimits, owner: { remote } }, ...more })
}

function delegated(owner: Signer, expires = noon + day): Signed<Delegation> {
  const ids = { owner: owner.id as OwnerId, node: node.id as NodeId }
  const delegation = { v: 1, ...ids, issued: noon - day, expires } as const
  return sign(delegationDocument, delegation, owner, node)
}

/** An order that was issued so many milliseconds from now. */
function ordered(
  rig: Rig,
  order: Order['order'],
  { after = 0, ...more }: Partial<Order> & { readonly after?: number } = {},
  signer = ora,
): Signed<Order> {
  const issued = noon + rig.at + after
  const ids = { owner: ora.id as OwnerId, node: node.id as NodeId }
  const says = { v: 1, ...ids, order, issued, expires: issued + limits.requestMsMax } as const
  return sign({ ...orderDocument, signers: () => [signer.id] }, { ...says, ...more }, signer)
}

/** Has an order come on a stream; gives the codes of all that was refused so far. */
function hears({ rig, first }: ReturnType<typeof owned>, order: Signed<Order>): string[] {
  rig.hear(first, { type: 'order', order })
  return rig.told('refused').map(({ refusal }) => refusal.code)
}

describe('an order from afar', () => {
  test('does what the same word does at the door', () => {
    const scene = owned()
    const { rig, first } = scene
    const job = jobOn(first.chain, 'a job')
    const { message, execution } = leaseOf(first, job.id, 0)
    const key = keyOf(first.id, execution)
    rig.hear(first, message, { type: 'job', job: job.signed }).fetch(key).pass(1)
    expect(hears(scene, ordered(rig, 'pause'))).toEqual([])
    expect(rig.all('freeze')).toMatchObject([{ key }])
    rig.pass(1)
    hears(scene, ordered(rig, 'resume'))
    expect(rig.all('thaw')).toMatchObject([{ key }])
    rig.pass(1)
    hears(scene, ordered(rig, 'finish'))
    expect([rig.state.order, rig.state.finished]).toEqual(['finish', false])
    rig.result(key).pass(limits.leaseMs)
    expect(rig.state.finished).toBe(true)
    expect(rig.told('ordered').map(({ order, isObeyed }) => [order, isObeyed])).toEqual([
      ['pause', true],
      ['resume', true],
      ['finish', true],
    ])
  })

  test('is told and not obeyed where the limits do not allow it, also once they do', () => {
    const scene = owned(false)
    const { rig } = scene
    rig.pass(1)
    const order = ordered(rig, 'pause')
    expect(hears(scene, order)).toEqual([])
    expect(rig.state.order).toBe('lend')
    expect(rig.told('ordered')).toMatchObject([{ owner: ora.id, order: 'pause', isObeyed: false }])
    rig.step({ type: 'limits', limits: { ...ownLimits, owner: { remote: true } } })
    expect(hears(scene, order)).toEqual(['request.replayed'])
    expect(rig.state.order).toBe('lend')
  })

  test.each<[string, (rig: Rig) => Signed<Order>, string]>([
    [
      'is of another owner',
      (rig) => ordered(rig, 'pause', { owner: ori.id as OwnerId }, ori),
      'request.signer',
    ],
    ['was signed by another', (rig) => ordered(rig, 'pause', {}, ori), 'signature.false'],
    [
      'is for another node',
      (rig) => ordered(rig, 'pause', { node: ori.id as NodeId }),
      'wire.message',
    ],
    [
      'is over',
      (rig) => ordered(rig, 'pause', { after: -limits.requestMsMax - limits.clockSkewMs - 1 }),
      'request.expired',
    ],
    [
      'is from the future',
      (rig) => ordered(rig, 'pause', { after: limits.clockSkewMs + 1 }),
      'request.expired',
    ],
    ['is older than the start', (rig) => ordered(rig, 'pause', { after: -2 }), 'request.replayed'],
  ])('that %s is refused', (_, made, code) => {
    const scene = owned()
    scene.rig.pass(1)
    expect(hears(scene, made(scene.rig))).toEqual([code])
    expect([scene.rig.state.order, scene.rig.told('ordered')]).toEqual(['lend', []])
  })

  test('of nobody’s owner is refused: its own key, or a delegation that is over, is none', () => {
    const alone = joined({ limits: { ...ownLimits, owner: { remote: true } } })
    alone.rig.pass(1)
    expect(hears(alone, ordered(alone.rig, 'pause'))).toEqual(['request.signer'])
    const over = owned(true, delegated(ora, noon + 500))
    over.rig.pass(1)
    expect(hears(over, ordered(over.rig, 'pause'))).toEqual(['delegation.ended'])
  })
})

describe('of two orders the later one counts', () => {
  test('whichever comes last, and each once', () => {
    const scene = owned()
    const { rig } = scene
    rig.pass(1)
    const resume = ordered(rig, 'resume')
    rig.pass(1)
    const pause = ordered(rig, 'pause')
    expect(hears(scene, pause)).toEqual([])
    expect(hears(scene, resume)).toEqual(['request.replayed'])
    expect(hears(scene, pause)).toEqual(['request.replayed', 'request.replayed'])
    expect(rig.state.order).toBe('pause')
  })

  test('also where a person at the machine gave it', () => {
    const scene = owned()
    const { rig } = scene
    rig.pass(1)
    const resume = ordered(rig, 'resume')
    rig.pass(1).step({ type: 'order', order: 'pause' })
    expect(hears(scene, resume)).toEqual(['request.replayed'])
    expect(rig.state.order).toBe('pause')
    rig.pass(1)
    expect(hears(scene, ordered(rig, 'resume'))).toEqual(['request.replayed'])
    expect(rig.state.order).toBe('lend')
  })

  test('and after a restart none that came before it, though its clock was ahead', () => {
    const scene = owned()
    const { rig, first, second } = scene
    rig.pass(1)
    const order = ordered(rig, 'pause', { after: limits.clockSkewMs - 5000 })
    expect(hears(scene, order)).toEqual([])
    const again = rig.restarted()
    again.join(first, second)
    expect(hears({ rig: again, first, second }, order)).toEqual(['request.replayed'])
    expect(again.state.order).toBe('lend')
  })
})
