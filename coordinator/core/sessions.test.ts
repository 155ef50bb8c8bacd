import type { ChainId, MeshId, NodeId } from '@nexapod/specs'
import { describe, expect, test } from 'vitest'
import { nodeNamed, offerOf, sweepOf } from '../test/cast.ts'
import { Rig } from '../test/rig.ts'

describe('a hello', () => {
  test('is answered by a welcome with the chain, the epoch and the clock', () => {
    const rig = new Rig()
    rig.join('ann')
    expect(rig.said.get('ann')?.[0]).toEqual({
      type: 'welcome',
      chain: rig.chain,
      epoch: 0,
      renewMs: 20_000,
      time: expect.any(Number),
    })
  })

  test('has to come first', () => {
    const rig = new Rig()
    rig.meet('ann')
    rig.tell('ann', { type: 'alive' })
    expect(rig.refusals('ann')).toEqual(['node.unknown'])
    expect(rig.hungUp).toContain('ann')
  })

  test('comes once', () => {
    const rig = new Rig()
    rig.join('ann')
    rig.tell('ann', { type: 'hello', mesh: rig.mesh, offer: offerOf('ann') })
    expect(rig.refusals('ann')).toEqual(['wire.message'])
    expect(rig.hungUp).toContain('ann')
  })

  test('is of this mesh', () => {
    const rig = new Rig()
    rig.meet('ann')
    rig.tell('ann', { type: 'hello', mesh: 'f'.repeat(64) as MeshId, offer: offerOf('ann') })
    expect(rig.refusals('ann')).toEqual(['wire.mesh'])
    expect(rig.hungUp).toContain('ann')
  })

  test('is about the chain of this state, named or not', () => {
    const rig = new Rig()
    rig.meet('ann')
    const { mesh } = rig
    const hello = { type: 'hello' as const, mesh, offer: offerOf('ann') }
    rig.tell('ann', { ...hello, chain: rig.state.chain })
    expect(rig.refusals('ann')).toEqual([])
    rig.meet('bob')
    rig.tell('bob', { ...hello, chain: 'f'.repeat(64) as ChainId, offer: offerOf('bob') })
    expect(rig.refusals('bob')).toEqual(['ledger.unknown'])
    expect(rig.hungUp).toContain('bob')
  })

  test('offers the node that says it', () => {
    const rig = new Rig()
    rig.meet('ann')
    rig.tell('ann', { type: 'hello', mesh: rig.mesh, offer: offerOf('bob') })
    expect(rig.refusals('ann')).toEqual(['wire.message'])
  })

  test('makes a node known by tier and platform, once for each change', () => {
    const rig = new Rig()
    rig.join('ann')
    rig.close('ann')
    rig.join('ann')
    expect(rig.factsOf('node').length).toBe(1)
    rig.close('ann')
    rig.join('ann', { platform: { os: 'macos', arch: 'aarch64' } as never })
    expect(rig.factsOf('node').length).toBe(2)
  })
})

describe('an offer', () => {
  test('of another node ends the stream', () => {
    const rig = new Rig()
    rig.join('ann')
    rig.tell('ann', { type: 'offer', offer: offerOf('bob') })
    expect(rig.refusals('ann')).toEqual(['wire.message'])
    expect(rig.hungUp).toContain('ann')
  })

  test('from another platform than the hello ends the stream, and is no fact', () => {
    const rig = new Rig()
    rig.join('ann')
    rig.offer('ann', { platform: { os: 'macos', arch: 'aarch64' } as never })
    expect(rig.refusals('ann')).toEqual(['wire.message'])
    expect(rig.hungUp).toContain('ann')
    expect(rig.factsOf('node')).toHaveLength(1)
  })

  test('that nothing fits is answered by why', () => {
    const rig = new Rig()
    rig.join('ann')
    expect(rig.told('ann', 'idle')[0]?.reasons).toEqual([
      { code: 'empty', detail: 'No unit is open.' },
    ])
    rig.publish({ project: 'ising' })
    rig.offer('ann', { projects: ['folding'] })
    expect(rig.told('ann', 'idle')[1]?.reasons[0]?.code).toBe('project')
  })

  test('is used up by as many leases, and a new one counts anew', () => {
    const rig = new Rig()
    rig.publish(sweepOf(100))
    rig.join('ann', { units: 3 })
    expect(rig.leases('ann').length).toBe(3)
    rig.offer('ann', { units: 2 })
    expect(rig.leases('ann').length).toBe(5)
    rig.offer('ann', { units: 0 })
    rig.pass(60_000)
    expect(rig.leases('ann').length).toBe(5)
  })

  test('waits for what comes up', () => {
    const rig = new Rig()
    rig.join('ann', { units: 2 })
    rig.publish(sweepOf(100))
    expect(rig.leases('ann').length).toBe(2)
  })
})

describe('a stream', () => {
  test('of a node that comes again ends the one before, and what is held stays', () => {
    const rig = new Rig()
    rig.publish(sweepOf(10))
    rig.join('ann', { units: 2 })
    const leases = rig.leases('ann')
    rig.meet('ann')
    rig.tell('ann', { type: 'hello', mesh: rig.mesh, offer: offerOf('ann', { units: 1 }) })
    rig.tell('ann', { type: 'hold', leases: leases.map(({ signed }) => signed) })
    expect(rig.told('ann', 'cancel')).toEqual([])
    expect(rig.node('ann')?.leases.size).toBe(3)
  })

  test('that is gone leaves nothing of a node, once its leases have ended', () => {
    const rig = new Rig()
    rig.publish()
    rig.join('ann')
    rig.close('ann')
    expect(rig.node('ann')?.leases.size).toBe(1)
    rig.pass(60_000)
    expect(rig.node('ann')).toBeUndefined()
    expect(rig.state.streams.size).toBe(0)
  })

  test('on which something is said after its end is not heard', () => {
    const rig = new Rig()
    rig.join('ann')
    rig.close('ann')
    rig.tell('ann', { type: 'offer', offer: offerOf('bob') })
    expect(rig.refusals('ann')).toEqual([])
  })
})

describe('who says bye', () => {
  test('is given nothing more, and may still deliver', () => {
    const rig = new Rig()
    rig.publish(sweepOf(100))
    rig.join('ann', { units: 1 })
    rig.tell('ann', { type: 'bye' })
    rig.offer('ann')
    expect(rig.leases('ann').length).toBe(1)
    rig.deliverAll('ann')
    expect(rig.told('ann', 'acknowledge').length).toBe(1)
  })

  test('does not count among those who can be asked', () => {
    const rig = new Rig()
    rig.join('kim')
    expect(rig.state.census.own.wasm).toBe(1)
    rig.tell('kim', { type: 'bye' })
    expect(rig.state.census.own.wasm).toBe(0)
  })
})

test('who is there is counted for each kind of executor, and anchors apart from the own', () => {
  const rig = new Rig()
  rig.believe(100, 'ann')
  for (const name of ['kim', 'ann', 'bob']) rig.join(name)
  expect(rig.state.census).toMatchObject({
    anchors: { wasm: 2, docker: 1 },
    own: { wasm: 1, docker: 1 },
  })
  rig.close('kim', 'ann', 'bob')
  expect(rig.state.census).toMatchObject({
    anchors: { wasm: 0, docker: 0 },
    own: { wasm: 0, docker: 0 },
  })
})

describe('a coordinator that goes', () => {
  test('tells its nodes, leases nothing, and takes what is delivered', () => {
    const rig = new Rig()
    rig.publish(sweepOf(100))
    rig.join('ann', { units: 1 })
    rig.step({ type: 'drain' })
    expect(rig.told('ann', 'drain')).toHaveLength(1)
    rig.offer('ann')
    expect(rig.leases('ann').length).toBe(1)
    rig.deliverAll('ann')
    expect(rig.told('ann', 'acknowledge').length).toBe(1)
  })

  test('tells whoever comes then', () => {
    const rig = new Rig()
    rig.step({ type: 'drain' })
    rig.join('ann')
    expect(rig.said.get('ann')?.map(({ type }) => type)).toEqual(['welcome', 'drain'])
  })
})

test('a node that was wrong five times is suspended, and given nothing', () => {
  const rig = new Rig()
  const row = { vouched: 0, passes: 0, strikes: 5 }
  rig.state.ledger.state.reputations.set(nodeNamed('ann') as NodeId, 'wasm', row)
  rig.publish()
  rig.join('ann')
  expect(rig.refusals('ann')).toEqual(['node.suspended'])
  expect(rig.hungUp).toContain('ann')
})
